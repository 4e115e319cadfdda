import { mongoStore } from '@sess/store-mongo';
import { MongoClient } from 'mongodb';
import type { Contender } from '../contender.ts';
import { DATABASE, WRITE_CONCERN } from './mongodb-settings.ts';
import { openSess } from './open-sess.ts';

export const sessOnMongodb: Contender = {
  name: 'sess',
  kind: 'sess',
  backend: 'mongodb',
  packages: ['@sess/core', '@sess/store-mongo', 'mongodb'],
  how: 'A new session object for each request, on a client that stays: one query reads a window of 20, one update appends.',
  notes: [
    'On DocumentDB each page of a list sorts all sessions behind it: its plans show that no index gives the order.',
  ],
  async open({ url, namespace }) {
    const client = await new MongoClient(url, { writeConcern: WRITE_CONCERN }).connect();
    return openSess({
      openStore: () => mongoStore({ client, database: DATABASE, prefix: `${namespace}_`, sweepIntervalMs: false }),
      isCold: false, // the store keeps nothing of a session
      close: () => client.close(),
    });
  },
};
