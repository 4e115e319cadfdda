import {
  applyWrite,
  BaseSessionStore,
  type BaseStoreOptions,
  type CheckedQuery,
  infoOf,
  isLive,
  isSweepable,
  pageSessions,
  SessError,
  type SessionPage,
  type SessionRead,
  type SessionRecord,
  type SessionWrite,
  type StoredSession,
  type StoreSupports,
  selectMessages,
  sweepEvery,
  type Tombstone,
  type WriteResult,
} from './store/index.ts';

export interface MemoryStoreOptions extends BaseStoreOptions {
  /** How many sessions may be alive at once. Creating one more is refused with LIMIT_REACHED. Default: any number. */
  maxSessions?: number;
  /** How often (ms) expired sessions are dropped; false: never. Default: 600,000. */
  sweepIntervalMs?: number | false;
}

/**
 * Keeps sessions in this process, for as long as it lives. For tests, and where a conversation may be forgotten.
 *
 * @example
 * ```ts
 * import { memoryStore, sess } from '@sess/core';
 *
 * const ai = sess({ store: memoryStore({ maxSessions: 1000 }) });
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function memoryStore<S = any>(options?: MemoryStoreOptions): MemoryStore<S> {
  return new MemoryStore(options);
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class MemoryStore<S = any> extends BaseSessionStore<S> {
  readonly supports: StoreSupports = {
    specVersion: 1,
    commitCost: 'change',
    processes: 'one',
    ttl: { granularityMs: 1 },
    list: { orders: ['updatedAt', 'createdAt'], scope: 'all', freshness: 'immediate' },
  };
  /** What is stored is never changed, only replaced, so that parts of it may be shared. */
  readonly #sessions = new Map<string, StoredSession<S>>();
  readonly #maxSessions: number;
  readonly #stopSweeping: () => void;

  /** Throws INVALID_ARGUMENT for a `ttl` or a `maxSessions` that is not a number above 0. */
  constructor({ maxSessions = Number.POSITIVE_INFINITY, sweepIntervalMs, ...base }: MemoryStoreOptions = {}) {
    super(base);
    if (typeof maxSessions !== 'number' || !(maxSessions > 0)) {
      throw new SessError('INVALID_ARGUMENT', 'maxSessions must be a number above 0.');
    }
    this.#maxSessions = maxSessions;
    this.#stopSweeping = sweepEvery(() => this.sweep(), sweepIntervalMs);
  }

  /** Drops expired sessions, and tombstones older than an hour. */
  async sweep(): Promise<{ removed: number }> {
    const gone = [...this.#sessions].filter(([, stored]) => isSweepable(stored, this.now()));
    for (const [sessionId] of gone) this.#sessions.delete(sessionId);
    return { removed: gone.length };
  }

  protected readSession(sessionId: string, read: SessionRead | undefined): SessionRecord<S> | Tombstone | undefined {
    const stored = this.#sessions.get(sessionId);
    return isLive(stored, this.now()) ? structuredClone(selectMessages(stored, read)) : stored;
  }

  protected writeSession(sessionId: string, write: SessionWrite<S>): WriteResult {
    const { stored, result } = applyWrite(this.#sessions.get(sessionId), write, {
      sessionId,
      now: this.now(),
      ttl: this.ttl,
    });
    if (!result.existed && write.kind !== 'delete') this.#checkLimit();
    if (stored !== undefined) this.#sessions.set(sessionId, stored);
    return result;
  }

  protected listSessions(query: CheckedQuery): SessionPage {
    return structuredClone(pageSessions(this.#live().map(infoOf), query));
  }

  protected closeStore(): void {
    this.#stopSweeping();
  }

  #live(): SessionRecord<S>[] {
    return [...this.#sessions.values()].filter((stored) => isLive(stored, this.now()));
  }

  #checkLimit(): void {
    if (this.#sessions.size < this.#maxSessions) return; // counting the living is only needed near the limit
    if (this.#live().length >= this.#maxSessions) {
      throw new SessError('LIMIT_REACHED', `The store already holds ${this.#maxSessions} sessions. Delete some.`, {
        retryable: true,
      });
    }
  }
}
