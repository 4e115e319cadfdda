import type { RedisConnection } from './redis-connection.ts';

/** What the store has to know of its server. */
export interface ServerFacts {
  /** Whether keys of different slots are on different servers, so that one script cannot change both. */
  readonly isCluster: boolean;
}

/**
 * Asks the server, and warns where it may throw sessions away.
 *
 * @param mayExpire Whether sessions have a ttl, which makes them volatile.
 */
export async function serverFacts(connection: RedisConnection, mayExpire: boolean): Promise<ServerFacts> {
  const info = await connection.info();
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? '';
  if (policy.startsWith('allkeys-') || (mayExpire && policy.startsWith('volatile-'))) {
    console.warn(
      `sess: the Redis server's maxmemory-policy is ${policy}: when its memory is full, it removes sessions that are in use. ` +
        'Set it to noeviction.',
    );
  }
  return { isCluster: connection.isCluster || /^cluster_enabled:1/m.test(info) };
}
