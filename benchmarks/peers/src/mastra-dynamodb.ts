import type { Contender } from '../../src/contender.ts';
import { clientConfig, createTable } from './dynamodb-table.ts';
import { mastraHow, mastraNotes, openThreads } from './mastra-threads.ts';

export const mastraDynamodb: Contender = {
  name: '@mastra/dynamodb',
  kind: 'peer',
  backend: 'dynamodb',
  packages: ['@mastra/dynamodb', '@mastra/core'],
  how: `${mastraHow} The table is that of its TABLE_SETUP.md.`,
  notes: [
    ...mastraNotes,
    'It reads the first 1 MB of a thread and no further: what was stored after that is acknowledged, and never given back.',
    'A read of messages that fails looks like an empty thread.',
    'Messages are written one by one: a process that is killed leaves a part of a turn.',
    'Reads are eventually consistent, by way of an index, so that a turn may miss the one before.',
  ],
  async open({ url, namespace }) {
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    const { DynamoDBStore } = await import('@mastra/dynamodb');
    const config = clientConfig(url);
    const tableName = `${namespace}-mastra`;
    const client = new DynamoDBClient(config);
    const key = (prefix: string) => [`${prefix}pk`, `${prefix}sk`] as const;
    const schema = (prefix: string) => {
      const [hash, range] = key(prefix);
      return [
        { AttributeName: hash, KeyType: 'HASH' as const },
        { AttributeName: range, KeyType: 'RANGE' as const },
      ];
    };
    await createTable(client, {
      TableName: tableName,
      AttributeDefinitions: ['', 'gsi1', 'gsi2']
        .flatMap(key)
        .map((name) => ({ AttributeName: name, AttributeType: 'S' })),
      KeySchema: schema(''),
      GlobalSecondaryIndexes: ['gsi1', 'gsi2'].map((name) => ({
        IndexName: name,
        KeySchema: schema(name),
        Projection: { ProjectionType: 'ALL' },
      })),
    });
    client.destroy();
    const storage = new DynamoDBStore({ name: namespace, config: { id: namespace, tableName, ...config } });
    await storage.init();
    const memory = await storage.getStore('memory');
    if (memory === undefined) throw new Error('@mastra/dynamodb has no memory domain');
    return openThreads(memory, namespace, () => storage.close());
  },
};
