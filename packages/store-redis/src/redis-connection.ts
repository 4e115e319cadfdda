import type { RedisClient, RedisClusterClient } from './redis-client.ts';
import { failureOf, type RedisFailure, ReplicaError, storeError, TimeoutError } from './redis-failure.ts';
import type { Script } from './script.ts';

/** What a script answers: text, nothing, or a list of such. */
export type Reply = string | null | Reply[];

export interface ScriptAnswer {
  readonly reply: readonly Reply[];
  /** Whether the script may have run before, for the same purpose, without that its answer arrived. */
  readonly isRepeated: boolean;
}

/** The pauses (ms) between tries. */
const FIRST_PAUSE_MS = 25;
const LONGEST_PAUSE_MS = 1_000;

/** Runs scripts, again where that may help, and never for longer than the time that an operation has. */
export class RedisConnection {
  readonly #client: RedisClient;
  readonly #isOwn: boolean;
  readonly #timeoutMs: number;
  /** How many connections were lost so far: the driver may have sent again, by itself, what was under way. */
  #losses = 0;
  /** Why the store's own client has no connection. */
  #connectionError: Error | undefined;

  constructor(client: RedisClient, isOwn: boolean, timeoutMs: number) {
    this.#client = client;
    this.#isOwn = isOwn;
    this.#timeoutMs = timeoutMs;
    const lose = () => {
      this.#losses += 1;
    };
    if (isOwn) {
      client.on('error', (error: Error) => {
        this.#connectionError = error;
      });
      client.on('connect', () => {
        this.#connectionError = undefined;
      });
    }
    if (client.isCluster) {
      const cluster = client as RedisClusterClient;
      for (const node of cluster.nodes()) node.on('close', lose);
      cluster.on('+node', (node: RedisClient) => node.on('close', lose));
    } else client.on('close', lose);
  }

  get isCluster(): boolean {
    return this.#client.isCluster;
  }

  /** Runs a script. Rejects with STORE_FAILED, and with CORRUPT where the key is of another kind. */
  async run(script: Script, keys: readonly string[], args: readonly string[]): Promise<ScriptAnswer> {
    const losses = this.#losses;
    let mayHaveRun = false;
    const reply = await this.#repeat(script.writes, async (failed) => {
      mayHaveRun ||= failed?.mayHaveActed ?? false;
      const answer = await this.#evaluate(script, keys, args);
      if (answer[0] === 'REPLICA') throw new ReplicaError();
      return answer;
    });
    return { reply, isRepeated: mayHaveRun || this.#losses !== losses };
  }

  /** What the server says of itself; nothing where this user may not ask. */
  info(): Promise<string> {
    const ask = () =>
      this.#client.info().catch((error: Error) => {
        if (error.message.startsWith('NOPERM')) return '';
        throw error;
      });
    return this.#repeat(false, ask);
  }

  /**
   * What follows a prefix in the names of keys, of every master, some at a time. Those that are there all the while come
   * at least once. Rejects with STORE_FAILED; what a node has told cannot be asked of another one.
   */
  async *namesBehind(prefix: string): AsyncGenerator<string[]> {
    const client = this.#client;
    const nodes = client.isCluster ? (client as RedisClusterClient).nodes('master') : [client];
    const whole = `${client.options.keyPrefix ?? ''}${prefix}`;
    const pattern = `${whole.replace(/[\\*?[\]]/g, '\\$&')}*`;
    for (const node of nodes) {
      let cursor = '0';
      do {
        const scan = () => node.call('SCAN', cursor, 'MATCH', pattern, 'COUNT', '100');
        const [next, names] = (await this.#repeat(false, scan)) as [string, string[]];
        yield names.map((name) => name.slice(whole.length));
        cursor = String(next);
      } while (cursor !== '0');
    }
  }

  close(): void {
    if (this.#isOwn) this.#client.disconnect();
  }

  async #repeat<T>(isWrite: boolean, attempt: (failed: RedisFailure | undefined) => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.#timeoutMs;
    let mayHaveActed = false;
    let failed: RedisFailure | undefined;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
      try {
        return await this.#within(deadline, attempt(failed));
      } catch (error) {
        const failure = failureOf(this.#reasonOf(error), this.#client.status === 'end');
        mayHaveActed ||= failure.mayHaveActed;
        // What went wrong before tells more than that the time is over.
        failed = error instanceof TimeoutError ? { ...(failed ?? failure), isTransient: false } : failure;
        // After a failover the same address may lead to the new master.
        if (failed.isReplica && this.#isOwn) this.#client.disconnect(true);
        const waitMs = pauseMs * (0.5 + Math.random());
        if (!failed.isTransient || Date.now() + waitMs >= deadline) {
          throw storeError({ ...failed, mayHaveActed }, isWrite);
        }
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  }

  /** Where there is no connection, a command is only told that it has waited or was tried in vain. */
  #reasonOf(error: unknown): unknown {
    const isInVain = error instanceof TimeoutError || Object(error).name === 'MaxRetriesPerRequestError';
    return isInVain && this.#connectionError !== undefined ? this.#connectionError : error;
  }

  /** A connection that answers nothing any more is given up, so that what comes next finds another one. */
  async #within<T>(deadline: number, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new TimeoutError());
        if (this.#isOwn) this.#client.disconnect(true);
      }, deadline - Date.now());
    });
    try {
      return await Promise.race([promise, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #evaluate({ lua, sha }: Script, keys: readonly string[], args: readonly string[]): Promise<Reply[]> {
    // As one array, which the driver flattens: so many arguments of a call would overflow the stack.
    const rest = [...keys, ...args] as unknown as string;
    try {
      return (await this.#client.evalsha(sha, keys.length, rest)) as Reply[];
    } catch (error) {
      if (!String(Object(error).message).startsWith('NOSCRIPT')) throw error;
      return (await this.#client.eval(lua, keys.length, rest)) as Reply[];
    }
  }
}
