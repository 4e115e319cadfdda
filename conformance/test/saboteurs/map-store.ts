import {
  applyWrite,
  BaseSessionStore,
  type BaseStoreOptions,
  type CheckedQuery,
  type FullSessionStore,
  infoOf,
  isLive,
  pageSessions,
  type SessionInfo,
  type SessionPage,
  type SessionRead,
  type SessionRecord,
  type SessionWrite,
  type StoredSession,
  type StoreSupports,
  type Tombstone,
  type WriteContext,
  type WriteResult,
} from '@sess/core/store';

type Written = { stored: StoredSession | undefined; result: WriteResult };

/** What a store may do otherwise than the right one. Nothing: the right one. */
export interface Sabotage {
  supports?: Partial<StoreSupports>;
  /** Changes the ttl, and what becomes of one that is refused. */
  ttl?(ttl: number | undefined): number | undefined;
  /** Instead of `applyWrite`. */
  write?(stored: StoredSession | undefined, write: SessionWrite, context: WriteContext): Written;
  /** What is waited for between reading and writing back, which then are two steps. */
  gap?(write: SessionWrite): Promise<void> | undefined;
  /** Instead of judging by the store's clock. */
  hasExpired?(session: SessionRecord, now: number): boolean;
  /** Under which key a session is kept. */
  key?(sessionId: string): string;
  /** What a read finds. */
  stored?(
    stored: StoredSession | undefined,
    read: SessionRead,
  ): StoredSession | undefined | Promise<StoredSession | undefined>;
  /** Instead of paging over the living sessions. */
  page?(all: StoredSession[], living: SessionInfo[], query: CheckedQuery): SessionPage;
  /** Methods in front of the store's own checks. */
  wrap?(store: FullSessionStore, backend: Backend): Partial<FullSessionStore>;
}

/** What the instances of one space share. */
export interface Backend {
  readonly space: string;
  readonly sessions: Map<string, StoredSession>;
  isBroken: boolean;
}

/** A right full store over a Map, with places to go wrong. */
export class MapStore extends BaseSessionStore {
  override readonly supports: StoreSupports;
  readonly #backend: Backend;
  readonly #sabotage: Sabotage;
  isConnected = true;

  constructor(backend: Backend, sabotage: Sabotage, { ttl, clock }: BaseStoreOptions) {
    super({ ttl: sabotage.ttl === undefined ? ttl : sabotage.ttl(ttl), clock });
    this.#backend = backend;
    this.#sabotage = sabotage;
    this.supports = {
      specVersion: 1,
      commitCost: 'session',
      processes: 'many',
      ttl: { granularityMs: 1 },
      list: { orders: ['updatedAt', 'createdAt'], scope: 'all', freshness: 'immediate' },
      ...sabotage.supports,
    };
  }

  protected override async readSession(
    sessionId: string,
    read: SessionRead,
  ): Promise<SessionRecord | Tombstone | undefined> {
    this.#connect();
    const stored = this.#backend.sessions.get(this.#key(sessionId));
    return structuredClone(this.#sabotage.stored === undefined ? stored : await this.#sabotage.stored(stored, read));
  }

  protected override async writeSession(sessionId: string, write: SessionWrite): Promise<WriteResult> {
    this.#connect();
    const { sessions } = this.#backend;
    const key = this.#key(sessionId);
    const before = sessions.get(key);
    const gap = this.#sabotage.gap?.(write);
    if (gap !== undefined) await gap;
    const context = { sessionId, now: this.now(), ttl: this.ttl };
    const { stored, result } = (this.#sabotage.write ?? applyWrite)(before, write, context);
    if (stored === undefined) sessions.delete(key);
    else sessions.set(key, stored);
    return result;
  }

  protected override listSessions(query: CheckedQuery): SessionPage {
    this.#connect();
    const all = [...this.#backend.sessions.values()];
    const living = all.filter((stored) => isLive(stored, this.now())).map((stored) => infoOf(stored as SessionRecord));
    return structuredClone(this.#sabotage.page?.(all, living, query) ?? pageSessions(living, query));
  }

  protected override hasExpired(session: SessionRecord): boolean {
    return this.#sabotage.hasExpired?.(session, this.now()) ?? super.hasExpired(session);
  }

  protected override closeStore(): void {}

  #key(sessionId: string): string {
    return this.#sabotage.key?.(sessionId) ?? sessionId;
  }

  #connect(): void {
    if (this.#backend.isBroken) throw new Error('the backend is broken');
    if (!this.isConnected) throw new Error('the connection was lost');
  }
}

/** The store with the methods of its saboteur in front. */
export function openSabotaged(
  backend: Backend,
  sabotage: Sabotage,
  options: BaseStoreOptions,
): { store: FullSessionStore; inner: MapStore } {
  const inner = new MapStore(backend, sabotage, options);
  const methods = sabotage.wrap?.(inner, backend) ?? {};
  const store = new Proxy(inner, {
    get(target, property) {
      const method = (methods as Record<PropertyKey, unknown>)[property];
      if (method !== undefined) return method;
      const value = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { store, inner };
}
