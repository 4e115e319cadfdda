import type { Contender } from '../../src/contender.ts';
import { durableWrites } from './durable-writes.ts';
import { expressSessionHow, expressSessionNotes, openExpressSessions } from './express-session.ts';

export const connectMongo: Contender = {
  name: 'connect-mongo',
  kind: 'peer',
  backend: 'mongodb',
  packages: ['connect-mongo', 'express-session', 'mongodb'],
  how: `${expressSessionHow} With w: majority and j: true.`,
  notes: [
    ...expressSessionNotes,
    'A session ends at 16 MB, the size of a document.',
    'Sessions expire after two weeks, unless they are told otherwise.',
    'Sessions cannot be listed: all() gives their contents, all at once and without their ids.',
  ],
  async open({ url, namespace }) {
    const { MongoClient } = await import('mongodb');
    const { default: MongoStore } = await import('connect-mongo');
    const client = await new MongoClient(url, { writeConcern: durableWrites }).connect();
    const store = MongoStore.create({
      client,
      collectionName: `${namespace}-sessions`,
      writeOperationOptions: durableWrites,
    });
    await store.collectionP; // with its index
    return openExpressSessions(store, () => store.close());
  },
};
