import { applyWrite, type SessionWrite, type WriteResult } from './apply-write.ts';
import { checkChange, checkQuery, checkRead, checkSaved, checkTtl } from './check.ts';
import { SessError } from './error.ts';
import { checkId } from './id.ts';
import type { CheckedQuery } from './page-sessions.ts';
import { defined, mapRecord } from './record.ts';
import { selectMessages } from './select-messages.ts';
import type { SessionData, SessionRecord } from './session-data.ts';
import type {
  CommitResult,
  FullSessionStore,
  SessionChange,
  SessionPage,
  SessionQuery,
  SessionRead,
  StoreSupports,
} from './session-store.ts';
import { isLive, type LiveSession, type Tombstone } from './stored-session.ts';

/** Options that every store has. */
export interface BaseStoreOptions {
  /** How long (ms) a session lives after its last change. Default: for ever. */
  ttl?: number | undefined;
  /** The time, in ms since the epoch, by which sessions expire. For tests. Default: the process's clock. */
  clock?: (() => number) | undefined;
}

type Awaitable<T> = T | Promise<T>;

/**
 * What all adapters share: ids, checks and copies of what is written, expiry on read, use after close, and one class
 * of errors. An adapter fills in {@link readSession}, {@link writeSession}, {@link listSessions} and
 * {@link closeStore}; `docs/writing-a-store.md` has a whole one.
 *
 * A hook may throw what it likes: what is not a SessError reaches the caller as STORE_FAILED, with it as `cause`.
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export abstract class BaseSessionStore<S = any> implements FullSessionStore<S> {
  abstract readonly supports: StoreSupports;
  protected readonly ttl: number | undefined;
  readonly #clock: () => number;
  readonly #running = new Set<Promise<unknown> | undefined>();
  #closed: Promise<void> | undefined;

  /** Throws INVALID_ARGUMENT for a `ttl` that is not a number above 0. */
  constructor({ ttl, clock = Date.now }: BaseStoreOptions = {}) {
    this.ttl = checkTtl(ttl);
    this.#clock = clock;
  }

  /**
   * What is stored, undefined where there is nothing; the base class deals with what has expired or was deleted. A
   * new object each time. It may be whole, whatever `read` asks for; one that holds less says so in `partial`.
   */
  protected abstract readSession(
    sessionId: string,
    read: SessionRead,
  ): Awaitable<SessionRecord<S> | Tombstone | undefined>;

  /**
   * Makes the write atomically, with the semantics of {@link applyWrite}, and keeps it as safely as the store can
   * before it resolves. What it is given is checked, and its own copy.
   */
  protected abstract writeSession(sessionId: string, write: SessionWrite<S>): Awaitable<WriteResult>;

  /** One page. Only called where `supports.list` allows the query. */
  protected abstract listSessions(query: CheckedQuery): Awaitable<SessionPage>;

  /** Frees what the store holds. Called once, after what was under way has ended. */
  protected abstract closeStore(): Awaitable<void>;

  /** The time, in ms since the epoch, by the store's clock. */
  protected now(): number {
    return this.#clock();
  }

  /** Whether a session that was read has expired. A store whose database has judged it already answers false. */
  protected hasExpired(session: SessionRecord<S>): boolean {
    return !isLive(session, this.now());
  }

  async get(sessionId: string, read: SessionRead = {}): Promise<SessionRecord<S> | undefined> {
    return this.#operate(sessionId, async () => {
      const range = checkRead(read, 'read');
      const stored = await this.readSession(checkId(sessionId), range);
      if (!stored || 'deletedUntil' in stored || this.hasExpired(stored)) return undefined;
      const { recent: _, ...record } = stored as LiveSession<S>;
      return record.partial ? record : selectMessages(record, range);
    });
  }

  async save(sessionId: string, data: Omit<SessionData<S>, 'id'>): Promise<void> {
    await this.#write(sessionId, () => ({
      kind: 'save',
      changeId: crypto.randomUUID(),
      data: checkSaved(data, 'data'),
    }));
  }

  async commit(sessionId: string, change: SessionChange<S>): Promise<CommitResult> {
    const changeId = change?.changeId; // the caller may change it meanwhile
    const { expiresAt } = await this.#write(sessionId, () => ({
      kind: 'commit',
      change: checkChange(change, 'change'),
    }));
    return defined<CommitResult>({ changeId, expiresAt });
  }

  async delete(sessionId: string): Promise<boolean> {
    const { existed } = await this.#write(sessionId, () => ({ kind: 'delete' }));
    return existed;
  }

  async list(query: SessionQuery = {}): Promise<SessionPage> {
    return this.#operate(undefined, async () => this.listSessions(checkQuery(query, this.supports.list)));
  }

  close(): Promise<void> {
    this.#closed ??= this.#operate(undefined, () => Promise.allSettled(this.#running).then(() => this.closeStore()));
    return this.#closed;
  }

  #write(sessionId: string, check: () => SessionWrite<S>): Promise<WriteResult> {
    return this.#operate(sessionId, async () => {
      checkId(sessionId);
      const write = check();
      this.#checkSizes(write);
      return this.writeSession(sessionId, write);
    });
  }

  async #operate<T>(sessionId: string | undefined, operation: () => Promise<T>): Promise<T> {
    let running: Promise<T> | undefined;
    try {
      if (this.#closed) throw new SessError('CLOSED', 'The store is closed.');
      running = operation();
      this.#running.add(running);
      return await running;
    } catch (error) {
      throw toSessError(error, this.constructor.name, sessionId);
    } finally {
      this.#running.delete(running);
    }
  }

  #checkSizes(write: SessionWrite<S>): void {
    const { maxMessageBytes } = this.supports;
    if (!maxMessageBytes || write.kind === 'delete') return;
    const threads =
      write.kind === 'save' ? write.data.threads : mapRecord(write.change.threads, ({ append }) => append);
    for (const message of Object.values(threads).flat()) {
      const bytes = new TextEncoder().encode(JSON.stringify(message)).length;
      if (bytes > maxMessageBytes) {
        throw new SessError('TOO_LARGE', `A message has ${bytes} bytes; the store takes ${maxMessageBytes}.`);
      }
    }
  }
}

/** The error itself where it is a SessError, with what it is about filled in; STORE_FAILED otherwise. */
function toSessError(error: unknown, store: string, sessionId: string | undefined): SessError {
  const isKnown = typeof sessionId === 'string';
  const about = isKnown ? { store, sessionId } : { store };
  if (SessError.is(error)) return Object.assign(error, { ...about, ...error });
  const { code, name = 'Error' } = Object(error) as { code?: unknown; name?: string };
  const reason = typeof code === 'string' ? code : name; // the message may hold content, or a password
  const place = isKnown ? ` on session ${JSON.stringify(sessionId)}` : '';
  return new SessError('STORE_FAILED', `${store} failed${place}: ${reason}.`, { ...about, cause: error });
}
