export { DynamodbStore, type DynamodbStoreOptions, dynamodbStore } from './dynamodb-store.ts';
export { tableDefinition } from './table-definition.ts';
