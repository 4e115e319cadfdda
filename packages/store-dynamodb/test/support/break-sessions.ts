import { type DynamoDBClient, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { allPartitions } from '../../src/place.ts';
import { TABLE } from './open-store.ts';

/** Garbles the header of every session whose key begins so. */
export async function breakSessions(client: DynamoDBClient, prefix: string): Promise<void> {
  for (const partition of allPartitions(prefix)) {
    const { Items: keys = [] } = await client.send(
      new QueryCommand({
        TableName: TABLE,
        IndexName: 'all-by-updated',
        KeyConditionExpression: 'g = :partition',
        ExpressionAttributeValues: { ':partition': { S: partition } },
      }),
    );
    for (const { pk, sk } of keys) {
      await client.send(
        new UpdateItemCommand({
          TableName: TABLE,
          Key: { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } },
          UpdateExpression: 'SET #header = :garbled',
          ExpressionAttributeNames: { '#header': 'header' },
          ExpressionAttributeValues: { ':garbled': { S: '{"garbled' } },
        }),
      );
    }
  }
}
