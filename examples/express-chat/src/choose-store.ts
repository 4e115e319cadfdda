import { fileURLToPath } from 'node:url';
import type { FullSessionStore } from '@sess/core';
import { typedPath, UsageError } from 'examples-shared';

/** Where sessions can be kept, by the scheme of the URL. A driver is loaded only where it is used. */
const schemes = new Map<string, (url: string) => Promise<FullSessionStore>>([
  ['file', openFileStore],
  ['redis', openRedisStore],
  ['rediss', openRedisStore],
  ['mongodb', openMongoStore],
  ['mongodb+srv', openMongoStore],
  ['dynamodb', openDynamodbStore],
]);

export const storeUsage = `  --store URL    where the sessions are kept (default: file:.sess-web):
                 file:FOLDER, redis://HOST:PORT, mongodb://HOST:PORT/DATABASE,
                 or dynamodb:TABLE with the region and keys in the environment`;

/**
 * The store of a URL, ready for use. Throws a UsageError for a URL that it does not know; rejects with STORE_FAILED
 * where the database cannot be used.
 */
export async function chooseStore(url: string): Promise<FullSessionStore> {
  const scheme = url.slice(0, Math.max(0, url.indexOf(':')));
  const open = schemes.get(scheme);
  if (open === undefined) {
    const known = [...schemes.keys()].map((name) => `${name}:`).join(', ');
    throw new UsageError(`--store needs a URL that begins with one of ${known}.`);
  }
  return open(url);
}

async function openFileStore(url: string): Promise<FullSessionStore> {
  const path = url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length);
  if (path === '') throw new UsageError('--store file:FOLDER needs the name of a folder.');
  const { fileStore } = await import('@sess/store-file');
  return fileStore({ folder: typedPath(path) });
}

async function openRedisStore(url: string): Promise<FullSessionStore> {
  const { redisStore } = await import('@sess/store-redis');
  return ready(redisStore({ url }));
}

async function openMongoStore(url: string): Promise<FullSessionStore> {
  const { mongoStore } = await import('@sess/store-mongo');
  return ready(mongoStore({ url }));
}

async function openDynamodbStore(url: string): Promise<FullSessionStore> {
  const [, table] = /^dynamodb:(?:\/\/)?([\w.-]+)$/.exec(url) ?? [];
  if (table === undefined) throw new UsageError('--store dynamodb:TABLE needs the name of a table.');
  const { dynamodbStore } = await import('@sess/store-dynamodb');
  return ready(dynamodbStore({ table, listing: 'owner' }));
}

/** Tells early whether the database can be used, and makes the indexes or the table that it lacks. */
async function ready<S extends FullSessionStore & { setup(): Promise<void> }>(store: S): Promise<S> {
  try {
    await store.setup();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}
