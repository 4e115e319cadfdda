import { type BaseStoreOptions, SessError } from '@sess/core/store';
import { Redis, type RedisOptions } from 'ioredis';
import type { RedisClient } from './redis-client.ts';

export interface RedisStoreOptions extends BaseStoreOptions {
  /**
   * Where the server is: `redis://user:password@host:6379/0`, or `rediss:` for TLS. The store makes a client of its own,
   * and closes it. Default, where there is neither `options` nor `client`: `redis://localhost:6379`.
   */
  url?: string;
  /** For the store's own client: ioredis's options, for TLS, Sentinel and more; beside `url` or instead of it. */
  options?: RedisOptions;
  /** A client of yours, of a single node, Sentinel or a Cluster. It is left open. Instead of `url` and `options`. */
  client?: RedisClient;
  /** What the names of all keys begin with. Stores share nothing where neither prefix begins with the other. Default: `sess:`. */
  prefix?: string;
  /** How long (ms) to wait for an answer of the server, with whatever is tried again meanwhile. Default: 10,000. */
  timeoutMs?: number;
}

/** The client to use, and whether it is the store's own. Throws INVALID_ARGUMENT for options that exclude each other. */
export function clientOf({ url, options, client }: RedisStoreOptions): { client: RedisClient; isOwn: boolean } {
  if (client !== undefined) {
    if (url !== undefined || options !== undefined) throw invalid('client excludes url and options.');
    if (typeof client?.evalsha !== 'function') throw invalid('client must be a client of ioredis.');
    return { client, isOwn: false };
  }
  if (url !== undefined && typeof url !== 'string') throw invalid('url must be a string.');
  const all = { ...ownClientOptions, ...options, replyMapping: 'legacy' as const };
  const own = url === undefined ? new Redis(all) : new Redis(url, all);
  return { client: own, isOwn: true };
}

/** The store repeats what failed by itself, since it has to know what was sent twice; see RedisConnection. */
const ownClientOptions: RedisOptions = {
  lazyConnect: true,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // So that a server is found soon after it is back.
  retryStrategy: (times) => Math.min(2 ** times * 25, 1_000) * (0.75 + Math.random() / 2),
};

export function checkTimeout(timeoutMs: number): number {
  if (typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs < 2 ** 31) return timeoutMs;
  throw invalid('timeoutMs must be a number of milliseconds above 0, and below 2^31.');
}

export function checkPrefix(prefix: string): string {
  if (typeof prefix === 'string' && prefix.isWellFormed()) return prefix;
  throw invalid('prefix must be a well-formed string.');
}

function invalid(message: string): SessError {
  return new SessError('INVALID_ARGUMENT', message);
}
