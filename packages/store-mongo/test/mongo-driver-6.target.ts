import { createRequire } from 'node:module';
import type { ConformanceTarget } from '@sess/conformance';
import { mongoStore } from '@sess/store-mongo';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import type { MongoClient as MongoClient7 } from 'mongodb';
import { MongoClient } from 'mongodb-6';
import { server } from './support/server.ts';

const { version } = createRequire(import.meta.url)('mongodb-6/package.json') as { version: string };

/**
 * The store with a client of its caller, of the lowest version of the driver that is supported. It takes no clock, so that
 * expiry is seen by the database's.
 */
const target: ConformanceTarget = {
  name: 'mongo-driver-6',
  server: { name: server.name, version: server.version },
  driver: { name: 'mongodb', version },
  open: async ({ space, ttl }) => {
    const proxy = await FaultProxy.start(server.url);
    const client = new MongoClient(proxy.through(server.url), { serverSelectionTimeoutMS: 500 });
    const close = async () => {
      await client.close();
      await proxy.stop();
    };
    try {
      const store = mongoStore({
        client: client as unknown as MongoClient7,
        database: 'conformance_6',
        prefix: `${space}_`,
        ttl,
        sweepIntervalMs: false,
      });
      return {
        store,
        close: async () => {
          await store.close();
          await close();
        },
        break: () => proxy.refuse(),
        disconnect: async () => proxy.cut(),
        client: {
          borrowed: true,
          works: async () => (await client.db('admin').command({ ping: 1 })).ok === 1,
        },
      };
    } catch (error) {
      await close();
      throw error;
    }
  },
};
export default target;
