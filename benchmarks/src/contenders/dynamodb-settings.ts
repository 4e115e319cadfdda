import {
  CreateTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';

/** DynamoDB Local takes any credentials. */
export function newDynamodbClient(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: 'benchmarks', secretAccessKey: 'no-secret' };
  return new DynamoDBClient({ endpoint, region: 'local', credentials });
}

/** Makes a table with a partition key `id`, and a sort key `at` where it is asked for. */
export async function createPlainTable(
  client: DynamoDBClient,
  table: string,
  { isSorted = false } = {},
): Promise<void> {
  const keys: KeySchemaElement[] = [{ AttributeName: 'id', KeyType: 'HASH' }];
  if (isSorted) keys.push({ AttributeName: 'at', KeyType: 'RANGE' });
  await client
    .send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: keys,
        AttributeDefinitions: keys.map(({ AttributeName }) => ({
          AttributeName,
          AttributeType: AttributeName === 'id' ? 'S' : 'N',
        })),
      }),
    )
    .catch((error: Error) => {
      if (error.name !== 'ResourceInUseException') throw error; // another process of ours was first
    });
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: table });
}
