import { randomUUID } from 'node:crypto';
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  type Put,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { forEachLimited, inGroups } from './limited.ts';
import { pause } from './pause.ts';
import { assess, ConditionFailed, type Item, RequestFailure } from './request-failure.ts';
import { TIME_TO_LIVE_ATTRIBUTE } from './table-definition.ts';

/** Limits of BatchGetItem and BatchWriteItem; the weight is below the 16 MB that a request may have. */
const GET_BATCH = 100;
const WRITE_BATCH = { count: 25, weight: 4_000_000 };
const BATCHES_AT_ONCE = 4;

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** Names attributes that are reserved words, and values. */
export interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Item;
}

/** Any command of the SDK's client. */
type Command = Parameters<DynamoDBClient['send']>[0];

/**
 * One table, and everything that may go wrong between it and us: requests that are refused or lost are repeated for
 * `timeoutMs`, and what a batch left undone is done. Rejects with RequestFailure or ConditionFailed.
 */
export class Database {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly #timeoutMs: number;

  constructor(client: DynamoDBClient, table: string, timeoutMs: number) {
    this.client = client;
    this.table = table;
    this.#timeoutMs = timeoutMs;
  }

  async get(key: Key): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: this.table, Key: keyItem(key), ConsistentRead: true });
    const { Item: item } = await this.send<{ Item?: Item }>(command);
    return item;
  }

  /** All pages of a query, one after the other. */
  async *query(input: Omit<QueryCommandInput, 'TableName'>): AsyncGenerator<Item[]> {
    let next: Item | undefined;
    do {
      const command = new QueryCommand({ TableName: this.table, ...input, ...(next && { ExclusiveStartKey: next }) });
      const page = await this.send<{ Items?: Item[]; LastEvaluatedKey?: Item }>(command);
      yield page.Items ?? [];
      next = page.LastEvaluatedKey;
    } while (next !== undefined);
  }

  /** Some rows of a session, as they are when each page is read. */
  rows(
    pk: string,
    range: { prefix: string } | { from: string; to: string },
    { backwards = false, keysOnly = false }: { backwards?: boolean; keysOnly?: boolean } = {},
  ): AsyncGenerator<Item[]> {
    const isPrefix = 'prefix' in range;
    return this.query({
      KeyConditionExpression: isPrefix
        ? 'pk = :pk AND begins_with(sk, :from)'
        : 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: {
        ':pk': { S: pk },
        ':from': { S: isPrefix ? range.prefix : range.from },
        ...(!isPrefix && { ':to': { S: range.to } }),
      },
      ConsistentRead: true,
      ScanIndexForward: !backwards,
      ...(keysOnly && {
        ProjectionExpression: 'sk, #ttl',
        ExpressionAttributeNames: { '#ttl': TIME_TO_LIVE_ATTRIBUTE },
      }),
    });
  }

  /** The items of those keys that are there, in any order. */
  async getAll(keys: readonly Key[]): Promise<Item[]> {
    const found: Item[] = [];
    const batches = inGroups(keys, { count: GET_BATCH, weight: 0 });
    await forEachLimited(batches, BATCHES_AT_ONCE, async (batch) => {
      let left: Item[] | undefined = batch.map(keyItem);
      await this.#untilNothingIsLeft(async () => {
        const command = new BatchGetItemCommand({
          RequestItems: { [this.table]: { Keys: left ?? [], ConsistentRead: true } },
        });
        const answer = await this.send<{
          Responses?: Record<string, Item[]>;
          UnprocessedKeys?: Record<string, { Keys?: Item[] }>;
        }>(command);
        const items = answer.Responses?.[this.table] ?? [];
        found.push(...items);
        left = answer.UnprocessedKeys?.[this.table]?.Keys;
        return { isDone: !left?.length, isProgress: items.length > 0 };
      });
    });
    return found;
  }

  /** Puts and deletes items, in any order and without a condition. */
  async writeAll(writes: Iterable<{ put: Item } | { remove: Key }>): Promise<void> {
    const weightOf = (write: { put: Item } | { remove: Key }) => ('put' in write ? weightOfItem(write.put) : 0);
    await forEachLimited(inGroups(writes, WRITE_BATCH, weightOf), BATCHES_AT_ONCE, async (batch) => {
      let left: WriteRequest[] = batch.map((write) =>
        'put' in write ? { PutRequest: { Item: write.put } } : { DeleteRequest: { Key: keyItem(write.remove) } },
      );
      await this.#untilNothingIsLeft(async () => {
        const command = new BatchWriteItemCommand({ RequestItems: { [this.table]: left } });
        const answer = await this.send<{ UnprocessedItems?: Record<string, WriteRequest[]> }>(command);
        const rest = answer.UnprocessedItems?.[this.table] ?? [];
        const isProgress = rest.length < left.length;
        left = rest;
        return { isDone: left.length === 0, isProgress };
      });
    });
  }

  /** Puts an item where the condition holds for the one that it replaces. */
  async put(item: Item, condition: Condition): Promise<void> {
    await this.send(new PutItemCommand(this.conditionalPut(item, condition)));
  }

  async update(input: Omit<UpdateItemCommandInput, 'TableName' | 'Key'> & { key: Key }): Promise<void> {
    const { key, ...rest } = input;
    await this.send(new UpdateItemCommand({ TableName: this.table, Key: keyItem(key), ...rest }));
  }

  /** All of it or nothing. The same request twice is carried out once: it has a token of its own. */
  async transact(items: TransactWriteItem[]): Promise<void> {
    await this.send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: randomUUID() }));
  }

  conditionalPut(item: Item, { expression, names, values }: Condition): Put & { Item: Item; TableName: string } {
    return {
      TableName: this.table,
      Item: item,
      ConditionExpression: expression,
      ...(names && { ExpressionAttributeNames: names }),
      ...(values && { ExpressionAttributeValues: values }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    };
  }

  /** Any request, repeated while it is refused or lost. */
  async send<Output>(command: unknown): Promise<Output> {
    const deadline = Date.now() + this.#timeoutMs;
    let isUncertain = false;
    for (let attempt = 0; ; attempt++) {
      try {
        const abortSignal = AbortSignal.timeout(Math.ceil(this.#timeoutMs / 3));
        return (await this.client.send(command as Command, { abortSignal })) as Output;
      } catch (error) {
        const assessment = assess(error);
        isUncertain ||= assessment.isUncertain;
        const { failedConditions, current, isTransient } = assessment;
        if (failedConditions.length > 0) throw new ConditionFailed(failedConditions, current, isUncertain);
        if (!isTransient || Date.now() >= deadline) throw new RequestFailure(error, { isUncertain, isTransient });
        await pause(attempt);
      }
    }
  }

  /** What DynamoDB leaves undone of a batch it could not take at the moment: it counts as refused. */
  async #untilNothingIsLeft(step: () => Promise<{ isDone: boolean; isProgress: boolean }>): Promise<void> {
    let deadline = Date.now() + this.#timeoutMs;
    for (let attempt = 0; ; attempt++) {
      const { isDone, isProgress } = await step();
      if (isDone) return;
      if (isProgress) deadline = Date.now() + this.#timeoutMs;
      else if (Date.now() >= deadline) {
        const cause = Object.assign(new Error('a batch stayed unprocessed'), { name: 'ThrottlingException' });
        throw new RequestFailure(cause, { isUncertain: false, isTransient: true });
      }
      await pause(isProgress ? 0 : attempt);
    }
  }
}

export function keyItem({ pk, sk }: Key): Item {
  return { pk: { S: pk }, sk: { S: sk } };
}

/** About what an item weighs, in bytes, as DynamoDB counts it. */
export function weightOfItem(item: Item): number {
  let weight = 0;
  for (const [name, value] of Object.entries(item)) weight += name.length + Buffer.byteLength(value.S ?? value.N ?? '');
  return weight;
}
