import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { SessError } from '@sess/core/store';
import { pause } from './pause.ts';
import { TIME_TO_LIVE_ATTRIBUTE, tableDefinition } from './table-definition.ts';

/** How long (ms) a table may take to be ready. */
const CREATION_MS = 300_000;

/** Creates the table where it is not there, waits until it is ready, and enables its time to live. */
export async function createTable(client: DynamoDBClient, table: string): Promise<void> {
  if ((await describe(client, table)) === undefined) await create(client, table);
  const deadline = Date.now() + CREATION_MS;
  for (let attempt = 0; !isReady(await describe(client, table)); attempt++) {
    if (Date.now() > deadline) {
      throw new SessError('STORE_FAILED', `Table ${table} is not ready after ${CREATION_MS / 1000} s.`, {
        retryable: true,
      });
    }
    await pause(attempt, 50, 2_000);
  }
  checkIndexes(table, await describe(client, table));
  await enableTimeToLive(client, table);
}

async function describe(client: DynamoDBClient, table: string): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: table }))).Table;
  } catch (error) {
    if (isNamed(error, ResourceNotFoundException.name)) return undefined;
    throw error;
  }
}

async function create(client: DynamoDBClient, table: string): Promise<void> {
  try {
    await client.send(new CreateTableCommand(tableDefinition(table)));
  } catch (error) {
    if (!isNamed(error, ResourceInUseException.name)) throw error; // somebody else is just creating it
  }
}

function isReady(description: TableDescription | undefined): boolean {
  const indexes = description?.GlobalSecondaryIndexes ?? [];
  return description?.TableStatus === 'ACTIVE' && indexes.every(({ IndexStatus: status }) => status === 'ACTIVE');
}

function checkIndexes(table: string, description: TableDescription | undefined): void {
  const present = description?.GlobalSecondaryIndexes?.map(({ IndexName: name }) => name) ?? [];
  const missing = tableDefinition(table).GlobalSecondaryIndexes?.filter(
    ({ IndexName: name }) => !present.includes(name),
  );
  if (!missing?.length) return;
  const names = missing.map(({ IndexName: name }) => name).join(', ');
  throw new SessError('STORE_FAILED', `Table ${table} has no index ${names}: add it, as the README says.`);
}

async function enableTimeToLive(client: DynamoDBClient, table: string): Promise<void> {
  const { TimeToLiveDescription: present } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
  if (present?.TimeToLiveStatus === 'ENABLED' || present?.TimeToLiveStatus === 'ENABLING') return;
  try {
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName: table,
        TimeToLiveSpecification: { AttributeName: TIME_TO_LIVE_ATTRIBUTE, Enabled: true },
      }),
    );
  } catch (error) {
    if (!isNamed(error, 'ValidationException')) throw error; // somebody else has just enabled it
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
