import type { Contender } from '../../src/contender.ts';
import { durableWrites } from './durable-writes.ts';
import { langchainHow, openHistories } from './langchain-histories.ts';

export const langchainMongodb: Contender = {
  name: '@langchain/mongodb',
  kind: 'peer',
  backend: 'mongodb',
  packages: ['@langchain/mongodb', '@langchain/core'],
  how: `${langchainHow} The collection writes with w: majority and j: true, and has an index of sessionId.`,
  notes: [
    'Each message of a turn is an update of its own: a process that is killed leaves a part of a turn.',
    'A session is one document: each turn reads all of it, and it ends at 16 MB.',
    'Without an index of your own, each turn scans the collection.',
    'Sessions cannot be listed.',
  ],
  async open({ url, namespace }) {
    const { MongoClient } = await import('mongodb-6');
    const { MongoDBChatMessageHistory } = await import('@langchain/mongodb');
    const client = await new MongoClient(url, { writeConcern: durableWrites }).connect();
    const collection = client.db().collection(`${namespace}-histories`);
    await collection.createIndex({ sessionId: 1 }, { unique: true });
    return openHistories(
      (sessionId) => new MongoDBChatMessageHistory({ collection, sessionId }),
      () => client.close(),
    );
  },
};
