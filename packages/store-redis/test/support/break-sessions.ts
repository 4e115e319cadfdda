import type { Cluster, Redis } from 'ioredis';

/** Puts something else at the key of every session whose key begins so. */
export async function breakSessions(client: Redis | Cluster, prefix: string): Promise<void> {
  for (const node of client.isCluster ? (client as Cluster).nodes('master') : [client as Redis]) {
    for (const key of await node.keys(`${prefix}s:*`)) {
      await client.del(key);
      await client.set(key, 'garbled');
    }
  }
}
