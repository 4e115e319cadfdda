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
  type WriteResult,
} from '@sess/core/store';
import type { MongoClient, MongoClientOptions } from 'mongodb';
import { attempt } from './attempts.ts';
import { type Collections, collectionsOf, createIndexes } from './collections.ts';
import { Connection } from './connection.ts';
import { DatabaseTime } from './database-time.ts';
import { MAX_VALUE_BYTES } from './limits.ts';
import { listSessions } from './list-sessions.ts';
import { SessionReader } from './session-reader.ts';
import { SessionWriter } from './session-writer.ts';
import { sweep } from './sweep.ts';

const TIMEOUT_MS = 20_000;
const SWEEP_TIMEOUT_MS = 600_000;
/** A timer that is to wait as long as this, or longer, fires at once. */
const MAX_TIMEOUT_MS = 2 ** 31;

export interface MongoStoreOptions extends BaseStoreOptions {
  /** The connection string. The store then makes a client of its own, and `close` closes it. Either this or `client`. */
  url?: string;
  /** Your own client, which stays open when the store is closed. Of mongodb 6.3 or later, or 7. */
  client?: MongoClient;
  /** Options of the client that the store makes from `url`. */
  clientOptions?: MongoClientOptions;
  /** The database. Default: the one that the connection string names, else `test`, as with the driver. */
  database?: string;
  /** What the names of the two collections begin with: `sess_sessions` and `sess_segments`. Default: `sess_`. */
  prefix?: string;
  /** Whether the first use creates the indexes that are missing. false: call `setup()` when you deploy. Default: true. */
  createIndexes?: boolean;
  /** How long (ms) an operation may take in all, with its retries. Default: 20,000. */
  timeoutMs?: number;
  /** How often (ms) expired sessions and unused segments are removed; false: never. Default: 600,000. */
  sweepIntervalMs?: number | false;
}

/**
 * Keeps sessions in MongoDB, or in what speaks its protocol as DocumentDB does: one document a session, and older
 * messages in segments. Needs no transactions. Any number of processes may use the same database at once.
 *
 * Throws INVALID_ARGUMENT for an option that makes no sense. Its methods reject with what the contract says, with
 * TOO_LARGE for a message or a state of 16 MB, with CORRUPT where segments are missing, and with STORE_FAILED where
 * MongoDB fails; `retryable` tells whether the same call may succeed later.
 *
 * @example
 * ```ts
 * import { sess } from '@sess/core';
 * import { mongoStore } from '@sess/store-mongo';
 *
 * const ai = sess({ store: mongoStore({ url: 'mongodb://127.0.0.1:27017/app' }) });
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function mongoStore<S = any>(options: MongoStoreOptions): MongoStore<S> {
  return new MongoStore(options);
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class MongoStore<S = any> extends BaseSessionStore<S> {
  readonly supports: StoreSupports = {
    specVersion: 1,
    commitCost: 'change',
    processes: 'many',
    ttl: { granularityMs: 1 },
    list: { orders: ['updatedAt', 'createdAt'], scope: 'all', freshness: 'immediate' },
    maxMessageBytes: MAX_VALUE_BYTES,
  };
  readonly #connection: Connection;
  readonly #collections: Collections;
  readonly #time: DatabaseTime;
  readonly #reader: SessionReader;
  readonly #writer: SessionWriter;
  readonly #timeoutMs: number;
  readonly #createsIndexes: boolean;
  readonly #stopSweeping: () => void;
  readonly #closing = new AbortController();
  #sweeping: Promise<unknown> | undefined;
  #prepared: Promise<void> | undefined;

  /** Throws INVALID_ARGUMENT for an option that makes no sense. */
  constructor(options: MongoStoreOptions) {
    const { database, prefix = 'sess_', timeoutMs = TIMEOUT_MS, sweepIntervalMs, ttl, clock } = options;
    super({ ttl, clock });
    if (typeof prefix !== 'string' || /[$\0]/.test(prefix)) throw invalid('prefix must be text without $.');
    if (!(timeoutMs > 0 && timeoutMs < MAX_TIMEOUT_MS))
      throw invalid('timeoutMs must be a number above 0, below 2^31.');
    this.#connection = new Connection(options, timeoutMs);
    this.#timeoutMs = timeoutMs;
    this.#createsIndexes = options.createIndexes ?? true;
    this.#collections = collectionsOf(this.#connection.client.db(database), prefix);
    this.#time = new DatabaseTime(clock);
    this.#reader = new SessionReader(this.#collections, this.#time);
    this.#writer = new SessionWriter({
      collections: this.#collections,
      time: this.#time,
      ttl: ttl && Math.min(Math.ceil(ttl), Number.MAX_SAFE_INTEGER), // times in MongoDB are whole milliseconds
    });
    this.#stopSweeping = sweepEvery(() => this.sweep(), sweepIntervalMs);
  }

  /** Creates the indexes that are missing; collections come with them. May be called again. Rejects with STORE_FAILED. */
  async setup(): Promise<void> {
    await this.#attempt(() => createIndexes(this.#collections), { timeoutMs: this.#timeoutMs, isWrite: false });
  }

  /**
   * Removes what has expired, and segments that nothing refers to any more. Any number of processes may sweep at once.
   * Resolves how many documents were removed. Rejects with STORE_FAILED.
   */
  async sweep(): Promise<{ removed: number }> {
    const { signal } = this.#closing;
    if (signal.aborted) throw new SessError('CLOSED', 'The store is closed.');
    const sweeping = this.#run(() => sweep(this.#collections, { time: this.#time, signal }), {
      timeoutMs: SWEEP_TIMEOUT_MS,
    });
    this.#sweeping = Promise.allSettled([this.#sweeping, sweeping]);
    return { removed: await sweeping };
  }

  protected async readSession(sessionId: string, read: SessionRead): Promise<SessionRecord<S> | undefined> {
    return this.#run(() => this.#reader.read(sessionId, read));
  }

  protected async writeSession(sessionId: string, write: SessionWrite<S>): Promise<WriteResult> {
    const callId = crypto.randomUUID();
    return this.#run((mayHaveLanded) => this.#writer.write(sessionId, mayHaveLanded ? asRetry(write) : write, callId), {
      isWrite: true,
    });
  }

  protected async listSessions(query: CheckedQuery): Promise<SessionPage> {
    return this.#run(() => listSessions(this.#collections, query, this.#time));
  }

  protected async closeStore(): Promise<void> {
    this.#stopSweeping();
    this.#closing.abort();
    await this.#sweeping;
    await this.#connection.close();
  }

  /** The database has judged that. */
  protected override hasExpired(): boolean {
    return false;
  }

  async #run<T>(
    operation: (mayHaveLandedBefore: boolean) => Promise<T>,
    { isWrite = false, timeoutMs = this.#timeoutMs } = {},
  ): Promise<T> {
    if (this.#createsIndexes) await this.#prepare();
    return this.#attempt(operation, { isWrite, timeoutMs });
  }

  #attempt<T>(
    operation: (mayHaveLandedBefore: boolean) => Promise<T>,
    limits: { isWrite: boolean; timeoutMs: number },
  ): Promise<T> {
    return attempt(async (mayHaveLandedBefore) => {
      await this.#connection.connect();
      return operation(mayHaveLandedBefore);
    }, limits);
  }

  async #prepare(): Promise<void> {
    this.#prepared ??= this.setup();
    try {
      await this.#prepared;
    } catch (error) {
      this.#prepared = undefined;
      throw error;
    }
  }
}

/** A change whose first try may have landed says so, as a caller would who repeats it. */
function asRetry<S>(write: SessionWrite<S>): SessionWrite<S> {
  return write.kind === 'commit' ? { kind: 'commit', change: { ...write.change, retry: true } } : write;
}

function invalid(message: string): SessError {
  return new SessError('INVALID_ARGUMENT', message);
}
