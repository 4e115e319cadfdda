import type { SessionStore } from 'genkit/beta';
import type { Contender } from '../../src/contender.ts';
import { clientConfig, createTable } from './dynamodb-table.ts';
import { genkitHow, genkitNotes, openGenkitSessions } from './genkit-sessions.ts';

export const genkitDynamodb: Contender = {
  name: 'genkit',
  kind: 'peer',
  backend: 'dynamodb',
  packages: ['genkit', '@aws-sdk/lib-dynamodb'],
  how: `${genkitHow} The store keeps the session as JSON in one item.`,
  notes: [...genkitNotes, 'A session ends at 400 KB, the size of an item.'],
  async open({ url, namespace }) {
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    const { DynamoDBDocumentClient, GetCommand, PutCommand } = await import('@aws-sdk/lib-dynamodb');
    const client = DynamoDBDocumentClient.from(new DynamoDBClient(clientConfig(url)));
    const TableName = `${namespace}-sessions`;
    await createTable(client, {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    const store: SessionStore = {
      async get(id) {
        const { Item } = await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
        return Item === undefined ? undefined : JSON.parse(Item.session);
      },
      async save(id, data) {
        await client.send(new PutCommand({ TableName, Item: { id, session: JSON.stringify(data) } }));
      },
    };
    return openGenkitSessions(store, async () => client.destroy());
  },
};
