import { startDocumentdb } from './documentdb/documentdb.ts';
import { mongoVersion } from './mongo-version.ts';
import { startMongoContainer } from './mongodb-container.ts';
import { startMongod } from './mongodb-program.ts';
import { NoServer } from './no-server.ts';
import type { TestServer } from './test-server.ts';

/**
 * A server that speaks MongoDB's protocol: that of MONGODB_URL, else MongoDB in a container, else a mongod on this
 * machine, else DocumentDB. Rejects with NoServer. It tells by its name which one it is.
 *
 * @param syncs Whether DocumentDB syncs to the disk what it is asked to. MongoDB always does.
 */
export async function startMongodb({ syncs = false }: { syncs?: boolean } = {}): Promise<TestServer> {
  if (process.env.MONGODB_URL) return givenServer(process.env.MONGODB_URL);
  const reasons: string[] = [];
  for (const start of [startMongoContainer, startMongod, () => startDocumentdb({ syncs })]) {
    try {
      return await start();
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  throw new NoServer('MongoDB', reasons);
}

async function givenServer(url: string): Promise<TestServer> {
  const refuse = async () => {
    throw new Error('The server of MONGODB_URL is not ours to kill.');
  };
  return { ...(await mongoVersion(url)), url, stop: async () => {}, kill: refuse, restart: refuse };
}
