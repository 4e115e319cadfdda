import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { own } from '@sess/core/store';
import { type Database, keyItem } from './database.ts';
import { HEADER_KEY, type LiveHeader, partitionKey } from './header.ts';
import type { Horizon } from './horizon.ts';
import { sweepPartition, sweepPlace } from './place.ts';
import type { Purge } from './purge.ts';
import { ConditionFailed, type Item } from './request-failure.ts';
import { messageRange, newToken, parseRowKey, recordKey, stateKey } from './row-key.ts';
import { rowHorizon, rowsOf } from './rows.ts';
import { INDEXES, SORT_ATTRIBUTES } from './table-definition.ts';
import type { WriteContent } from './write-content.ts';
import { stagedPlaceOfState } from './write-plan.ts';

/** What a transaction takes at most, header and record included: 100 items, and 4 MB with something to spare. */
const LARGEST_TRANSACTION = { rows: 98, bytes: 3_200_000 };
/** After this time (ms) a change that is still only staged belongs to a process that has died. */
const ABANDONED_MS = 3_600_000;

/** Between which indexes (the second one excluded) a change has messages, with the number of their thread in front. */
type Spans = readonly (readonly [number, number, number])[];

/** Rows that were written ahead of the transaction that makes them count. */
export interface Staged {
  readonly run: string;
  readonly tag: string;
  readonly threadNumbers: Readonly<Record<string, number>>;
  readonly spans: Spans;
  horizon: Horizon;
}

/** Whether a write is too large for one transaction. */
export function isStagedWrite({ rows, bytes }: WriteContent): boolean {
  return rows > LARGEST_TRANSACTION.rows || bytes > LARGEST_TRANSACTION.bytes;
}

/**
 * Stages large changes. A record tells of the change as long as it is under way, so that a sweep can clean up behind a
 * process that has died. The transaction that writes the header also turns the record into the proof that the staged
 * rows count; a sweep first turns it into one that they do not. So either of them wins, never both.
 */
export class Staging {
  readonly #database: Database;
  readonly #purge: Purge;
  readonly #prefix: string;

  constructor(database: Database, purge: Purge, prefix: string) {
    this.#database = database;
    this.#purge = purge;
    this.#prefix = prefix;
  }

  /** Writes the rows for the header that the change is going to make. */
  async stage(content: WriteContent, next: LiveHeader, tag: string, now: number): Promise<Staged> {
    const pk = partitionKey(this.#prefix, next.session.id);
    const { run, threadNumbers } = next;
    const staged = { run, tag, threadNumbers, spans: spansOf(content, next), horizon: rowHorizon(next) };
    await this.#database.writeAll([{ put: this.#record(pk, staged, now) }]);
    try {
      const rows = rowsOf(content, next, { prefix: this.#prefix, change: next.session.changes, tag });
      await this.#database.writeAll(puts(rows));
    } catch (error) {
      await this.discard(pk, staged).catch(() => {}); // a sweep will do it
      throw error;
    }
    return staged;
  }

  /** The part of the transaction that makes the rows count. */
  confirmation(next: LiveHeader, { run, tag }: Staged): TransactWriteItem {
    return {
      Update: {
        TableName: this.#database.table,
        Key: keyItem({ pk: partitionKey(this.#prefix, next.session.id), sk: recordKey(run, tag) }),
        UpdateExpression: 'SET #change = :change REMOVE g, u',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(aborted)',
        ExpressionAttributeNames: { '#change': 'change' },
        ExpressionAttributeValues: { ':change': { N: String(next.session.changes) } },
      },
    };
  }

  /** Takes back what a process staged that has died. Resolves to whether there was anything to take back. */
  async sweep(pk: string, run: string, tag: string): Promise<boolean> {
    if (!(await this.#abort(pk, run, tag))) return false;
    const record = await this.#database.get({ pk, sk: recordKey(run, tag) });
    await this.#remove(pk, run, tag, JSON.parse(record?.spans?.S ?? '[]'));
    return true;
  }

  /** Takes back what this process staged, unless it counts. */
  async discard(pk: string, { run, tag, spans }: Staged): Promise<void> {
    const isAborted = await this.#abort(pk, run, tag);
    if (isAborted || !(await this.#counts(pk, run, tag))) await this.#remove(pk, run, tag, spans);
  }

  /** Makes sure that a change never counts. Resolves to false where it does, or where its record is gone. */
  async #abort(pk: string, run: string, tag: string): Promise<boolean> {
    try {
      await this.#database.update({
        key: { pk, sk: recordKey(run, tag) },
        UpdateExpression: 'SET aborted = :true',
        ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#change)',
        ExpressionAttributeNames: { '#change': 'change' },
        ExpressionAttributeValues: { ':true': { BOOL: true } },
      });
      return true;
    } catch (error) {
      if (error instanceof ConditionFailed) return false;
      throw error;
    }
  }

  async #counts(pk: string, run: string, tag: string): Promise<boolean> {
    const record = await this.#database.get({ pk, sk: recordKey(run, tag) });
    return record?.change !== undefined;
  }

  async #remove(pk: string, run: string, tag: string, spans: Spans): Promise<void> {
    const messages = spans.map(([thread, start, end]) => messageRange(run, thread, start, end));
    await this.#purge.staged(pk, [...messages, { prefix: stateKey(run, stagedPlaceOfState(tag), '') }], tag);
    await this.#database.writeAll([{ remove: { pk, sk: recordKey(run, tag) } }]);
  }

  /** Whether the rows are where the header, as it would be now, looks for them. */
  fits({ run, threadNumbers }: Staged, next: LiveHeader, content: WriteContent): boolean {
    const names = Object.keys(content.threads);
    return run === next.run && names.every((name) => own(threadNumbers, name) === own(next.threadNumbers, name));
  }

  #record(pk: string, { run, tag, spans }: Staged, now: number): Item {
    return {
      ...keyItem({ pk, sk: recordKey(run, tag) }),
      spans: { S: JSON.stringify(spans) },
      [INDEXES.all.updatedAt.partition]: { S: sweepPartition(this.#prefix) },
      [SORT_ATTRIBUTES.updatedAt]: { S: sweepPlace(now + ABANDONED_MS) },
    };
  }
}

export function newTag(): string {
  return newToken();
}

/** Whether an item that a sweep found is the record of a staged change; otherwise it is a header. */
export function recordIn(sk: string): { run: string; tag: string } | undefined {
  if (sk === HEADER_KEY) return undefined;
  const key = parseRowKey(sk);
  return key.kind === 'record' ? { run: sk.slice(0, sk.indexOf('/')), tag: key.tag } : undefined;
}

function spansOf({ threads }: WriteContent, { threadNumbers }: LiveHeader): Spans {
  return Object.entries(threads).map(([name, { from, messages }]) => [
    own(threadNumbers, name) ?? 0,
    from,
    from + messages.length,
  ]);
}

function* puts(rows: Iterable<Item>): Generator<{ put: Item }> {
  for (const put of rows) yield { put };
}
