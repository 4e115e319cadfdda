import { DeleteItemCommand, GetItemCommand, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import type { Contender } from '../contender.ts';
import { createPlainTable, newDynamodbClient } from './dynamodb-settings.ts';
import { keepWhole } from './whole-session.ts';

export const tutorialDynamodb: Contender = {
  name: 'one item',
  kind: 'tutorial',
  backend: 'dynamodb',
  packages: ['@aws-sdk/client-dynamodb'],
  how: 'Gets the item of the session and puts it anew with each turn, its messages as JSON.',
  notes: ['A session may have 400 KB; two writers overwrite one another.'],
  async open({ url, namespace: TableName }) {
    const client = newDynamodbClient(url);
    await createPlainTable(client, TableName);
    const keyOf = (sessionId: string) => ({ id: { S: sessionId } });
    return keepWhole({
      async read(sessionId) {
        const { Item } = await client.send(
          new GetItemCommand({ TableName, Key: keyOf(sessionId), ConsistentRead: true }),
        );
        return Item === undefined ? undefined : JSON.parse(Item.messages?.S ?? '');
      },
      async write(sessionId, messages) {
        const Item = { ...keyOf(sessionId), messages: { S: JSON.stringify(messages) } };
        await client.send(new PutItemCommand({ TableName, Item }));
      },
      async *list() {
        const pages = paginateScan({ client }, { TableName, ProjectionExpression: 'id' });
        for await (const { Items = [] } of pages) for (const { id } of Items) if (id?.S) yield id.S;
      },
      async delete(sessionId) {
        await client.send(new DeleteItemCommand({ TableName, Key: keyOf(sessionId) }));
      },
      close: async () => client.destroy(),
    });
  },
};
