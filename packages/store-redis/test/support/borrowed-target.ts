import type { ConformanceTarget, NamedVersion } from '@sess/conformance';
import { redisStore } from '@sess/store-redis';
import type { Cluster, Redis } from 'ioredis';
import { breakSessions } from './break-sessions.ts';

/** A target whose stores get a client, which they must leave open. */
export function borrowedTarget(
  name: string,
  { server, driver, connect }: { server: NamedVersion; driver: NamedVersion; connect: () => Redis | Cluster },
): ConformanceTarget {
  return {
    name,
    server,
    driver,
    open: async ({ space, ttl, clock }) => {
      const client = connect();
      const prefix = `${space}:`;
      const store = redisStore({ client, prefix, ttl, clock });
      return {
        store,
        close: async () => {
          await store.close();
          client.disconnect();
        },
        break: () => breakSessions(client, prefix),
        disconnect: async () => {
          const nodes = client.isCluster ? (client as Cluster).nodes() : [client as Redis];
          for (const node of nodes) node.disconnect(true);
        },
        client: { borrowed: true, works: async () => (await client.ping()) === 'PONG' },
      };
    },
  };
}
