import type { ConformanceTarget } from '@sess/conformance';
import { redisStore } from '@sess/store-redis';
import { Redis } from 'ioredis';
import { breakSessions } from './support/break-sessions.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';

/** The store with a client of its own, on a single node. */
const target: ConformanceTarget = {
  name: 'redis',
  server: { name: 'Redis', version: process.env.SESS_TEST_REDIS_VERSION ?? '' },
  driver: { name: 'ioredis', version: '6' },
  open: async ({ space, ttl, clock }) => {
    const prefix = `${space}:`;
    const store = redisStore({ url, options: { connectionName: space }, prefix, ttl, clock });
    const administrate = async (work: (client: Redis) => Promise<void>) => {
      const client = new Redis(url);
      try {
        await work(client);
      } finally {
        client.disconnect();
      }
    };
    return {
      store,
      close: () => store.close(),
      break: () => administrate((client) => breakSessions(client, prefix)),
      disconnect: () =>
        administrate(async (client) => {
          const clients = String(await client.client('LIST')).split('\n');
          for (const line of clients.filter((it) => it.includes(` name=${space} `))) {
            await client.client('KILL', 'ID', /id=(\d+)/.exec(line)?.[1] ?? '');
          }
        }),
    };
  },
};
export default target;
