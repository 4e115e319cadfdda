import {
  CreateTableCommand,
  DescribeTableCommand,
  type DescribeTableCommandOutput,
  DescribeTimeToLiveCommand,
  type DescribeTimeToLiveCommandOutput,
  type TableDescription,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { SessError } from '@sess/core/store';
import type { Database } from './database.ts';
import { pause } from './pause.ts';
import { RequestFailure } from './request-failure.ts';
import { TIME_TO_LIVE_ATTRIBUTE, tableDefinition } from './table-definition.ts';

/** How long (ms) a table may take to be ready. */
const CREATION_MS = 300_000;

/** Creates the table where it is not there, waits until it is ready, and enables its time to live. */
export async function createTable(database: Database): Promise<void> {
  const { table } = database;
  if ((await describe(database)) === undefined) await create(database);
  const deadline = Date.now() + CREATION_MS;
  for (let attempt = 0; !isReady(await describe(database)); attempt++) {
    if (Date.now() > deadline) {
      throw new SessError('STORE_FAILED', `Table ${table} is not ready after ${CREATION_MS / 1000} s.`, {
        retryable: true,
      });
    }
    await pause(attempt, 50, 2_000);
  }
  checkIndexes(table, await describe(database));
  await enableTimeToLive(database);
}

async function describe(database: Database): Promise<TableDescription | undefined> {
  try {
    const command = new DescribeTableCommand({ TableName: database.table });
    return (await database.send<DescribeTableCommandOutput>(command)).Table;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

async function create(database: Database): Promise<void> {
  try {
    await database.send(new CreateTableCommand(tableDefinition(database.table)));
  } catch (error) {
    if (!isNamed(error, 'ResourceInUseException')) throw error; // somebody else is just creating it
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

async function enableTimeToLive(database: Database): Promise<void> {
  const { table } = database;
  const description = await database.send<DescribeTimeToLiveCommandOutput>(
    new DescribeTimeToLiveCommand({ TableName: table }),
  );
  const status = description.TimeToLiveDescription?.TimeToLiveStatus;
  if (status === 'ENABLED' || status === 'ENABLING') return;
  try {
    await database.send(
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
  return error instanceof RequestFailure && (error.cause as Error | undefined)?.name === name;
}
