import { randomUUID } from 'node:crypto';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { type DynamodbStore, type DynamodbStoreOptions, dynamodbStore } from '@sess/store-dynamodb';

export const TABLE = 'sess-test';

/** For the server of the global setup, or another one. DynamoDB Local takes any credentials. */
export function clientConfig(endpoint = process.env.SESS_TEST_DYNAMODB_ENDPOINT ?? ''): DynamoDBClientConfig {
  return {
    endpoint,
    region: 'local',
    credentials: { accessKeyId: 'tests', secretAccessKey: 'no-secret' },
    maxAttempts: 1,
  };
}

export function newClient(endpoint?: string): DynamoDBClient {
  return new DynamoDBClient(clientConfig(endpoint));
}

/** A prefix that no other test uses. */
export function freshPrefix(): string {
  return `test-${randomUUID()}`;
}

export interface OpenedStore {
  readonly store: DynamodbStore;
  readonly client: DynamoDBClient;
  readonly prefix: string;
  close(): Promise<void>;
}

/** A store with a client of the test's, on sessions of its own where no prefix is given. */
export function openStore({
  client = newClient(),
  prefix = freshPrefix(),
  ...options
}: DynamodbStoreOptions = {}): OpenedStore {
  const store = dynamodbStore({ client, prefix, table: TABLE, sweepIntervalMs: false, ...options });
  return {
    store,
    client,
    prefix,
    async close() {
      await store.close();
      client.destroy();
    },
  };
}
