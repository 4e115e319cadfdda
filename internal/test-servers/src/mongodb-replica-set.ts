import { MongoClient } from 'mongodb';

const READY_MS = 60_000;

/** What a mongod is started with so that it can become a replica set of one node. */
export const REPLICA_SET = ['--replSet', 'sess'];

/** Makes a replica set of the one mongod behind the URL where it is none yet, and waits until it takes writes. */
export async function untilPrimary(url: string, memberPort: number): Promise<void> {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: READY_MS });
  try {
    const admin = client.db('admin');
    const members = [{ _id: 0, host: `127.0.0.1:${memberPort}` }];
    await admin.command({ replSetInitiate: { _id: 'sess', members } }).catch((error) => {
      if (error.codeName !== 'AlreadyInitialized') throw error;
    });
    const start = performance.now();
    while ((await admin.command({ hello: 1 })).isWritablePrimary !== true) {
      if (performance.now() - start > READY_MS) throw new Error('the replica set has no primary');
    }
  } finally {
    await client.close();
  }
}
