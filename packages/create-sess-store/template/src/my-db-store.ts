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
  type Tombstone,
  type WriteResult,
} from '@sess/core/store';

export interface MyDbStoreOptions extends BaseStoreOptions {
  /** What the keys of this store begin with. Stores with different prefixes share nothing. */
  prefix: string;
}

/**
 * Four hooks over a database. The base class checks ids, arguments and data, copies what it is given, hides what has
 * expired or was deleted, and turns what a hook throws into a SessError.
 */
export class MyDbStore extends BaseSessionStore {
  /** What the store can do. Users read it, and the kit tests all that it claims, and nothing else. */
  readonly supports: StoreSupports = {
    specVersion: 1,
    // 'change': a commit costs what it changes, whatever the session weighs. 'session': each commit writes the whole.
    commitCost: 'session',
    // 'many': several processes may use the same data.
    processes: 'one',
    // How late an expiry may be seen, in ms; false: sessions do not expire.
    ttl: { granularityMs: 1 },
    // false: sessions cannot be listed.
    list: { orders: ['updatedAt', 'createdAt'], scope: 'all', freshness: 'immediate' },
  };
  readonly #prefix: string;

  constructor({ prefix, ...options }: MyDbStoreOptions) {
    super(options);
    this.#prefix = prefix;
  }

  protected async readSession(sessionId: string, read: SessionRead): Promise<SessionRecord | Tombstone | undefined> {
    throw unwritten('readSession', 'resolve to what is stored for the session, or to undefined where there is nothing');
  }

  protected async writeSession(sessionId: string, write: SessionWrite): Promise<WriteResult> {
    throw unwritten('writeSession', 'make the write (a commit, a save or a delete) atomically, as applyWrite would');
  }

  protected async listSessions(query: CheckedQuery): Promise<SessionPage> {
    throw unwritten('listSessions', 'resolve to one page of sessions, or claim `list: false` in `supports`');
  }

  protected async closeStore(): Promise<void> {
    throw unwritten('closeStore', 'free what the store holds, such as a client that it has made itself');
  }
}

/** Goes when the last hook is written. */
function unwritten(hook: string, task: string): SessError {
  return new SessError('UNSUPPORTED', `${hook} is still to be written: ${task}.`);
}
