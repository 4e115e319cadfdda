import { createRequire } from 'node:module';
import type { ConformanceTarget } from '@sess/conformance';
import { mongoStore } from '@sess/store-mongo';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { server } from './support/server.ts';

const { version } = createRequire(import.meta.url)('mongodb/package.json') as { version: string };

/** The store with a client of its own, behind a proxy that can take the connection away. */
const target: ConformanceTarget = {
  name: 'mongo',
  server: { name: server.name, version: server.version },
  driver: { name: 'mongodb', version },
  open: async ({ space, ttl, clock }) => {
    const proxy = await FaultProxy.start(server.url);
    try {
      const store = mongoStore({
        url: proxy.through(server.url),
        clientOptions: { serverSelectionTimeoutMS: 500 },
        database: 'conformance',
        prefix: `${space}_`,
        ttl,
        clock,
        sweepIntervalMs: false,
      });
      return {
        store,
        close: async () => {
          await store.close();
          await proxy.stop();
        },
        break: () => proxy.refuse(),
        disconnect: async () => proxy.cut(),
      };
    } catch (error) {
      await proxy.stop();
      throw error;
    }
  },
};
export default target;
