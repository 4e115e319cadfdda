import { paginateQuery } from '@aws-sdk/client-dynamodb';
import { newClient, TABLE } from './open-store.ts';

// biome-ignore lint/suspicious/noExplicitAny: items of any kind.
type Item = Record<string, any>;

/** All items of a session, as they are in the table. */
export async function itemsIn(prefix: string, sessionId: string, table = TABLE, endpoint?: string): Promise<Item[]> {
  const client = newClient(endpoint);
  const items: Item[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `${prefix}/${sessionId}` } },
    },
  );
  for await (const { Items: page = [] } of pages) items.push(...page);
  client.destroy();
  return items;
}

/** Their sort keys. */
export async function rowsIn(prefix: string, sessionId: string): Promise<string[]> {
  return (await itemsIn(prefix, sessionId)).map((item) => item.sk.S);
}
