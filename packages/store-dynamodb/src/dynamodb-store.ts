import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  BaseSessionStore,
  type BaseStoreOptions,
  type CheckedQuery,
  SessError,
  type SessionPage,
  type SessionRead,
  type SessionRecord,
  type SessionWrite,
  type StoreSupports,
  sweepEvery,
  type Tombstone,
  type WriteResult,
} from '@sess/core/store';
import { createTable } from './create-table.ts';
import { Database } from './database.ts';
import { HeaderCache } from './header-cache.ts';
import { Purge } from './purge.ts';
import { storeFailed } from './request-failure.ts';
import { type ListSettings, listSessions } from './session-list.ts';
import { SessionReader } from './session-reader.ts';
import { SessionWriter } from './session-writer.ts';
import { Staging } from './staging.ts';
import { sweep } from './sweep.ts';

/** A timer that is to wait as long as this, or longer, fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31;

export interface DynamodbStoreOptions extends BaseStoreOptions {
  /** The table. Default: `sess`. */
  table?: string | undefined;
  /**
   * What the keys begin with, so that several applications can share a table: letters, digits, `.`, `_` and `-`, 64 at
   * most. Default: `sess`.
   */
  prefix?: string | undefined;
  /** A client of yours. `close()` leaves it open. Default: one that the store makes and closes. */
  client?: DynamoDBClient | undefined;
  /** What the store makes its client of: region, credentials, endpoint. Default: as the SDK finds them. */
  clientConfig?: DynamoDBClientConfig | undefined;
  /**
   * Which sessions `list` finds: all, those that have an owner (and then only by owner), or none. What cannot be listed
   * costs less to write. A session follows a change of this option with its next write. Default: `all`.
   */
  listing?: 'all' | 'owner' | false | undefined;
  /** How long (ms) one request is repeated that DynamoDB throttles, or that gets lost. Default: 15,000. */
  timeoutMs?: number | undefined;
  /** How often (ms) the store looks for what dead processes left behind; false: never. Default: 600,000. */
  sweepIntervalMs?: number | false | undefined;
}

/**
 * Keeps sessions in a DynamoDB table: each in a partition of its own, each change in one transaction. Any number of
 * processes may use the table at once. It has to be there: see `setup()` and {@link tableDefinition}.
 *
 * Throws INVALID_ARGUMENT for an option that makes no sense. Its methods reject with what the contract says, with
 * TOO_LARGE where threads and metadata of one session exceed 380 KB, with CORRUPT for a session whose items are
 * damaged, and with STORE_FAILED where DynamoDB cannot be used.
 *
 * @example
 * ```ts no-run
 * import { sess } from '@sess/core';
 * import { dynamodbStore } from '@sess/store-dynamodb';
 *
 * const store = dynamodbStore({ clientConfig: { region: 'eu-central-1' }, ttl: 30 * 24 * 3_600_000 });
 * await store.setup();
 * const ai = sess({ store });
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function dynamodbStore<S = any>(options?: DynamodbStoreOptions): DynamodbStore<S> {
  return new DynamodbStore(options);
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class DynamodbStore<S = any> extends BaseSessionStore<S> {
  readonly supports: StoreSupports;
  readonly #database: Database;
  readonly #ownClient: DynamoDBClient | undefined;
  readonly #list: ListSettings;
  readonly #reader: SessionReader;
  readonly #writer: SessionWriter;
  readonly #staging: Staging;
  readonly #stopSweeping: () => void;

  /** Throws INVALID_ARGUMENT for an option that makes no sense. */
  constructor(options: DynamodbStoreOptions = {}) {
    const { table = 'sess', prefix = 'sess', client, clientConfig, timeoutMs = 15_000, ...rest } = options;
    const { listing = 'all', sweepIntervalMs, ...base } = rest;
    super(base);
    checkOptions({ table, prefix, client, clientConfig, timeoutMs, listing });
    this.supports = {
      specVersion: 1,
      commitCost: 'change',
      processes: 'many',
      ttl: { granularityMs: 1 },
      list: listing && { orders: ['updatedAt', 'createdAt'], scope: listing, freshness: 'lagging' },
    };
    // The store repeats requests by itself, and knows then that it did.
    this.#ownClient = client ? undefined : new DynamoDBClient({ maxAttempts: 1, ...clientConfig });
    this.#database = new Database(client ?? (this.#ownClient as DynamoDBClient), table, timeoutMs);
    const settings = { database: this.#database, cache: new HeaderCache(), prefix, now: () => this.now() };
    const purge = new Purge(this.#database);
    this.#list = settings;
    this.#reader = new SessionReader(settings);
    this.#staging = new Staging(this.#database, purge, prefix);
    this.#writer = new SessionWriter({ ...settings, purge, staging: this.#staging, ttl: this.ttl, listing });
    this.#stopSweeping = sweepEvery(() => this.sweep(), sweepIntervalMs);
  }

  /**
   * Creates the table with its indexes where it is not there, waits until it is ready, and enables its time to live. May
   * be called again, and by several processes at once. For development and tests; the README has what to declare in
   * production.
   *
   * Rejects with STORE_FAILED where that is not allowed, or where a table of that name has other indexes.
   */
  async setup(): Promise<void> {
    try {
      await createTable(this.#database);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /**
   * Finishes what processes that have died left unfinished: deletions, and large changes that never landed. What has
   * expired is removed by DynamoDB itself. Any number of processes may sweep at once.
   *
   * Rejects with STORE_FAILED where DynamoDB cannot be used.
   */
  async sweep(): Promise<{ removed: number }> {
    try {
      return await sweep({ ...this.#list, staging: this.#staging, writer: this.#writer });
    } catch (error) {
      throw this.#failure(error);
    }
  }

  protected async readSession(sessionId: string, read: SessionRead): Promise<SessionRecord<S> | Tombstone | undefined> {
    try {
      return await this.#reader.read(sessionId, read);
    } catch (error) {
      throw storeFailed(error, { sessionId });
    }
  }

  protected writeSession(sessionId: string, write: SessionWrite<S>): Promise<WriteResult> {
    return this.#writer.write(sessionId, write);
  }

  protected async listSessions(query: CheckedQuery): Promise<SessionPage> {
    try {
      return await listSessions(this.#list, query);
    } catch (error) {
      throw storeFailed(error);
    }
  }

  protected closeStore(): void {
    this.#stopSweeping();
    this.#ownClient?.destroy();
  }

  #failure(error: unknown): unknown {
    return storeFailed(error, { store: this.constructor.name });
  }
}

function checkOptions({ table, prefix, client, clientConfig, timeoutMs, listing }: DynamodbStoreOptions): void {
  const refuse = (rule: string): never => {
    throw new SessError('INVALID_ARGUMENT', rule);
  };
  if (typeof table !== 'string' || table === '') refuse('table must be the name of a table.');
  if (typeof prefix !== 'string' || !/^[\w.-]{1,64}$/.test(prefix)) {
    refuse('prefix must be 1 to 64 letters, digits, dots, underscores and hyphens.');
  }
  if (listing !== 'all' && listing !== 'owner' && listing !== false) refuse("listing must be 'all', 'owner' or false.");
  if (client && clientConfig) refuse('client and clientConfig cannot be given both.');
  const isTimeout = Number.isFinite(timeoutMs) && (timeoutMs as number) > 0 && (timeoutMs as number) < MAX_TIMEOUT_MS;
  if (!isTimeout) refuse('timeoutMs must be a number above 0, below 2^31.');
}
