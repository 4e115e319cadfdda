import { type Bookkeeping, bookkeepingOf, digestsOf, recallSession } from './bookkeeping.ts';
import { checkSaved, refuse } from './store/check.ts';
import {
  applyWrite,
  BaseSessionStore,
  defined,
  type FullSessionStore,
  type LiveSession,
  type SavedData,
  SessError,
  type SessionPage,
  type SessionStore,
  type SessionWrite,
  type StoreSupports,
  type WriteResult,
} from './store/index.ts';

/** Of how many sessions the bookkeeping is remembered, for stores that keep only the keys they know. */
const REMEMBERED_SESSIONS = 1000;

/** One wrapper for one store, so that all who use the store in this process line up together. */
const wrappers = new WeakMap<object, FullSessionStore>();

/**
 * Makes any store a full one. A store that has only `get` and `save`, as Genkit's users wrote them, is wrapped: a
 * commit reads, applies the change and saves, one at a time per session in this process. Versions, open turns,
 * metadata and the like travel inside the saved data, under the key `sess`. What cannot be had in this way (`delete`,
 * `list`, a `ttl`, an owner where the store drops `sess`) is UNSUPPORTED.
 *
 * Throws INVALID_ARGUMENT where `store` has no `get` and `save`.
 *
 * @example
 * ```ts
 * import { fullStore, type SessionData } from '@sess/core';
 *
 * const files = new Map<string, string>();
 * const store = fullStore({
 *   get: async (id) => JSON.parse(files.get(id) ?? 'null'),
 *   save: async (id, data: Omit<SessionData, 'id'>) => void files.set(id, JSON.stringify(data)),
 * });
 * await store.commit('a', { changeId: 'c1', life: null, metadata: { title: 'Trip' } });
 * console.log((await store.get('a'))?.metadata); // { title: 'Trip' }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function fullStore<S = any>(store: SessionStore<S>): FullSessionStore<S> {
  const { get, save, commit, supports } = Object(store) as Partial<FullSessionStore<S>>;
  if (typeof get !== 'function' || typeof save !== 'function') refuse('store', 'have the functions get and save');
  if (supports && typeof commit === 'function') return store as FullSessionStore<S>;
  const wrapper = wrappers.get(store) ?? new EmulatedStore(store);
  wrappers.set(store, wrapper);
  return wrapper;
}

/** What a user's store is given, and answers if it keeps all of it. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
type SavedWithBookkeeping<S = any> = SavedData<S> & { sess?: Bookkeeping };

class EmulatedStore<S> extends BaseSessionStore<S> {
  readonly supports: StoreSupports = {
    specVersion: 1,
    commitCost: 'session',
    processes: 'one',
    ttl: false,
    list: false,
  };
  readonly #store: SessionStore<S>;
  /** Per session, the end of its last operation. */
  readonly #lines = new Map<string, Promise<void>>();
  /** Per session, the bookkeeping last written, and the one before: a save that failed may have landed, or not. */
  readonly #remembered = new Map<string, Bookkeeping[]>();

  constructor(store: SessionStore<S>) {
    super();
    this.#store = store;
  }

  /** Reads line up too: who saves in several steps must not be read between them. */
  protected async readSession(sessionId: string): Promise<LiveSession<S> | undefined> {
    const read = await this.#inLine(sessionId, () => this.#read(sessionId));
    return read?.session;
  }

  protected writeSession(sessionId: string, write: SessionWrite<S>): Promise<WriteResult> {
    if (write.kind === 'delete') throw new SessError('UNSUPPORTED', 'The store has get and save only, no delete.');
    return this.#inLine(sessionId, async () => {
      const before = await this.#read(sessionId);
      const { stored, result } = applyWrite(before?.session, write, { sessionId, now: this.now() });
      const session = stored as LiveSession<S>;
      if (session !== before?.session) {
        const bookkeeping = bookkeepingOf(session, await digestsOf(session));
        this.#remember(sessionId, [bookkeeping, ...(before ? [before.bookkeeping] : [])]);
        const { state, threads } = session;
        await this.#store.save(sessionId, defined({ state, threads, sess: structuredClone(bookkeeping) }));
      }
      if (write.kind === 'commit' && write.change.owner) await this.#checkOwner(sessionId, write.change.owner);
      return result;
    });
  }

  protected listSessions(): SessionPage {
    return { sessions: [] }; // never called: `supports` says that there is no list
  }

  /** The user's store stays open. */
  protected closeStore(): void {
    wrappers.delete(this.#store);
  }

  async #read(sessionId: string): Promise<{ session: LiveSession<S>; bookkeeping: Bookkeeping } | undefined> {
    const data: unknown = (await this.#store.get(sessionId)) ?? undefined;
    if (data === undefined) {
      this.#remembered.delete(sessionId);
      return undefined;
    }
    try {
      if (typeof data !== 'object' || Array.isArray(data)) refuse('the answer of get', 'be an object');
      const { state, threads, sess } = data as SavedWithBookkeeping<S>;
      const content = checkSaved({ state, threads }, 'data') as SavedData<S>;
      const digests = await digestsOf(content);
      const written = typeof sess?.life === 'string' ? [sess] : this.#remembered.get(sessionId);
      const session = recallSession(sessionId, content, digests, written ?? []);
      return { session, bookkeeping: bookkeepingOf(session, digests) };
    } catch (cause) {
      const problem = SessError.is(cause) ? cause.message : 'data.sess is malformed.';
      throw new SessError('CORRUPT', `Session ${JSON.stringify(sessionId)} cannot be read: ${problem}`, { cause });
    }
  }

  /** A store that drops the key `sess` would silently lose the owner. */
  async #checkOwner(sessionId: string, owner: string): Promise<void> {
    const data = (await this.#store.get(sessionId)) as SavedWithBookkeeping<S> | undefined;
    if (data?.sess?.owner === owner) return;
    this.#remembered.delete(sessionId);
    const id = JSON.stringify(sessionId);
    throw new SessError('UNSUPPORTED', `Session ${id} was saved without its owner: the store drops the key sess.`);
  }

  #remember(sessionId: string, newestFirst: Bookkeeping[]): void {
    this.#remembered.delete(sessionId); // to the end of the map
    this.#remembered.set(sessionId, newestFirst);
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > REMEMBERED_SESSIONS) this.#remembered.delete(oldest as string);
  }

  #inLine<T>(sessionId: string, operation: () => Promise<T>): Promise<T> {
    const running = (this.#lines.get(sessionId) ?? Promise.resolve()).then(operation);
    const forget = () => {
      if (this.#lines.get(sessionId) === end) this.#lines.delete(sessionId);
    };
    const end = running.then(forget, forget);
    this.#lines.set(sessionId, end);
    return running;
  }
}
