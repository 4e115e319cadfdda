import type { CreateTableCommandInput, GlobalSecondaryIndex } from '@aws-sdk/client-dynamodb';

/** The attribute by which DynamoDB itself removes items, in seconds since the epoch. */
export const TIME_TO_LIVE_ATTRIBUTE = 'ttl';

/** The indexes that listing reads, and their keys. Names are short because every item carries them. */
export const INDEXES = {
  all: { updatedAt: { name: 'all-by-updated', partition: 'g' }, createdAt: { name: 'all-by-created', partition: 'g' } },
  owner: {
    updatedAt: { name: 'owner-by-updated', partition: 'o' },
    createdAt: { name: 'owner-by-created', partition: 'o' },
  },
} as const;

/** The attribute that an index sorts by. */
export const SORT_ATTRIBUTES = { updatedAt: 'u', createdAt: 'c' } as const;

/**
 * The table that a {@link DynamodbStore} needs, as an argument of `CreateTableCommand`. Its time to live has to be
 * enabled too, on the attribute `ttl`; `setup()` of the store does both.
 *
 * @example
 * ```ts
 * import { tableDefinition } from '@sess/store-dynamodb';
 *
 * console.log(tableDefinition('sess').KeySchema?.length); // 2
 * ```
 */
export function tableDefinition(table: string): CreateTableCommandInput {
  const key = (partition: string, sort: string): GlobalSecondaryIndex['KeySchema'] => [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ];
  const index = ({ name, partition }: { name: string; partition: string }, sort: string): GlobalSecondaryIndex => ({
    IndexName: name,
    KeySchema: key(partition, sort),
    Projection: { ProjectionType: 'KEYS_ONLY' },
  });
  return {
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk', 'g', 'o', 'u', 'c'].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    KeySchema: key('pk', 'sk'),
    GlobalSecondaryIndexes: [INDEXES.all, INDEXES.owner].flatMap(({ updatedAt, createdAt }) => [
      index(updatedAt, SORT_ATTRIBUTES.updatedAt),
      index(createdAt, SORT_ATTRIBUTES.createdAt),
    ]),
  };
}
