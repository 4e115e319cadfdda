import { dynamodbStore } from '@sess/store-dynamodb';
import type { Contender } from '../contender.ts';
import { newDynamodbClient } from './dynamodb-settings.ts';
import { openSess } from './open-sess.ts';

export const sessOnDynamodb: Contender = {
  name: 'sess',
  kind: 'sess',
  backend: 'dynamodb',
  packages: ['@sess/core', '@sess/store-dynamodb', '@aws-sdk/client-dynamodb'],
  how: 'Opens the store anew for each request, on a client that stays: its cache of headers is empty; window 20.',
  async open({ url, namespace }) {
    const client = newDynamodbClient(url);
    const openStore = () => dynamodbStore({ client, table: namespace, sweepIntervalMs: false });
    const store = openStore();
    await store.setup();
    await store.close();
    return openSess({ openStore, isCold: true, close: async () => client.destroy() });
  },
};
