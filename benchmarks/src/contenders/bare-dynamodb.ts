import {
  type AttributeValue,
  DeleteItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import type { Contender, Message } from '../contender.ts';
import { createPlainTable, newDynamodbClient } from './dynamodb-settings.ts';

export const bareDynamodb: Contender = {
  name: 'bare client-dynamodb',
  kind: 'bare',
  backend: 'dynamodb',
  packages: ['@aws-sdk/client-dynamodb'],
  how: 'One PutItem of an item with the JSON of the turn, the cheapest durable write; a Query loads the last 10 turns.',
  notes: ['Two writers of a session overwrite one another; a turn may have 400 KB.'],
  async open({ url, namespace: TableName }) {
    const client = newDynamodbClient(url);
    await createPlainTable(client, TableName, { isSorted: true });
    const lengths = new Map<string, number>();

    async function put(id: string, at: number, messages: readonly Message[]): Promise<void> {
      lengths.set(id, at);
      const Item = { id: { S: id }, at: { N: String(at) }, messages: { S: JSON.stringify(messages) } };
      await client.send(new PutItemCommand({ TableName, Item }));
    }
    async function query(id: string, limit?: number): Promise<Record<string, AttributeValue>[]> {
      const items: Record<string, AttributeValue>[] = [];
      let start: Record<string, AttributeValue> | undefined;
      do {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'id = :id',
            ExpressionAttributeValues: { ':id': { S: id } },
            ConsistentRead: true,
            ScanIndexForward: false,
            ExclusiveStartKey: start,
            Limit: limit,
          }),
        );
        items.push(...Items);
        start = LastEvaluatedKey;
      } while (start !== undefined && (limit === undefined || items.length < limit));
      return items.reverse();
    }

    return {
      async turn(sessionId, messages) {
        const last = (await query(sessionId, 10)).at(-1);
        await put(sessionId, Number(last?.at?.N ?? 0) + 1, messages);
      },
      append: (sessionId, messages) => put(sessionId, (lengths.get(sessionId) ?? 0) + 1, messages),
      tail: async (sessionId, count) => messagesOf(await query(sessionId, count)).slice(-count),
      history: async (sessionId) => messagesOf(await query(sessionId)),
      async *list() {
        const seen = new Set<string>();
        let start: Record<string, AttributeValue> | undefined;
        do {
          const page = await client.send(
            new ScanCommand({ TableName, ProjectionExpression: 'id', ExclusiveStartKey: start }),
          );
          for (const { id } of page.Items ?? []) {
            if (id?.S === undefined || seen.has(id.S)) continue;
            seen.add(id.S);
            yield id.S;
          }
          start = page.LastEvaluatedKey;
        } while (start !== undefined);
      },
      async delete(sessionId) {
        for (const { id, at } of await query(sessionId)) {
          if (id && at) await client.send(new DeleteItemCommand({ TableName, Key: { id, at } }));
        }
      },
      close: async () => client.destroy(),
    };
  },
};

function messagesOf(items: readonly Record<string, AttributeValue>[]): Message[] {
  return items.flatMap(({ messages }) => JSON.parse(messages?.S ?? '[]'));
}
