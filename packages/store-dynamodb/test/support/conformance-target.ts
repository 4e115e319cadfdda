import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import type { ConformanceTarget, NamedVersion } from '@sess/conformance';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { breakSessions } from './break-sessions.ts';
import { newClient, openStore } from './open-store.ts';

const { SESS_TEST_DYNAMODB_ENDPOINT: endpoint = '', SESS_TEST_DYNAMODB_SERVER: server = '{}' } = process.env;

/** Stores with a client of the caller's, on the server of the global setup. */
export function conformanceTarget(name: string, sdkVersion: string): ConformanceTarget {
  return {
    name,
    server: JSON.parse(server) as NamedVersion,
    driver: { name: '@aws-sdk/client-dynamodb', version: sdkVersion },
    open: async ({ space, ttl, clock }) => {
      const proxy = await FaultProxy.start(endpoint);
      const client = newClient(proxy.through(endpoint));
      const { store, close } = openStore({ client, prefix: space, ttl, clock });
      return {
        store,
        close: async () => {
          await close();
          await proxy.stop();
        },
        break: () => breakSessions(client, space),
        disconnect: async () => proxy.cut(),
        client: {
          borrowed: true,
          works: async () => (await client.send(new ListTablesCommand({}))).TableNames !== undefined,
        },
      };
    },
  };
}
