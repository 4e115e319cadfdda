import type { ConformanceTarget } from '@sess/conformance';
import type { SessionStore } from '@sess/core/store';

/** What the literal uses of a Redis client. */
class FakeRedis {
  readonly #data: Map<string, string>;
  failure: Error | undefined;

  constructor(data: Map<string, string>) {
    this.#data = data;
  }

  async get(key: string): Promise<string | null> {
    if (this.failure !== undefined) throw this.failure;
    return this.#data.get(key) ?? null;
  }

  async set(key: string, value: string): Promise<void> {
    if (this.failure !== undefined) throw this.failure;
    this.#data.set(key, value);
  }
}

const servers = new Map<string, Map<string, string>>();

const target: ConformanceTarget = {
  name: 'redis-literal',
  async open({ space }) {
    const data = servers.get(space) ?? new Map<string, string>();
    servers.set(space, data);
    const redis = new FakeRedis(data);
    const store: SessionStore = {
      get: async (id) => {
        const text = await redis.get(`session:${id}`);
        return text === null ? undefined : JSON.parse(text);
      },
      save: async (id, data) => redis.set(`session:${id}`, JSON.stringify(data)),
    };
    return {
      store,
      disconnect: async () => {
        redis.failure = new Error('ECONNRESET');
      },
      break: async () => {
        redis.failure = new Error('READONLY You can not write against a read only replica.');
      },
    };
  },
};
export default target;
