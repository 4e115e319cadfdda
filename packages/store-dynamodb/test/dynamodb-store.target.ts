import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { ConformanceTarget } from '@sess/conformance';
import { dynamodbStore } from '@sess/store-dynamodb';

const endpoint = process.env.DYNAMODB_ENDPOINT ?? '';
const target: ConformanceTarget = {
  name: 'dynamodb-store',
  open: async ({ space, ttl, clock }) => {
    const client = new DynamoDBClient({
      endpoint,
      region: 'local',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    });
    const store = dynamodbStore({ client, prefix: space, table: 'sess', ttl, clock });
    await store.setup();
    return {
      store,
      close: async () => {
        await store.close();
        client.destroy();
      },
    };
  },
  without: { disconnect: 'x', break: 'y' },
};
export default target;
