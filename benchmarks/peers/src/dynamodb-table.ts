import type { CreateTableCommandInput, DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** DynamoDB Local takes any region and credentials. */
export function clientConfig(endpoint: string) {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return { endpoint, region: 'local', credentials } satisfies DynamoDBClientConfig;
}

/** Makes a table, and waits for it. One that is there already is taken. */
export async function createTable(client: DynamoDBClient, table: CreateTableCommandInput): Promise<void> {
  const { CreateTableCommand, ResourceInUseException, waitUntilTableExists } = await import('@aws-sdk/client-dynamodb');
  await client.send(new CreateTableCommand({ BillingMode: 'PAY_PER_REQUEST', ...table })).catch((error) => {
    if (!(error instanceof ResourceInUseException)) throw error;
  });
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: table.TableName });
}
