import {
  checkId,
  defined,
  type FullSessionStore,
  infoOf,
  type SessError,
  type SessionInfo,
  type SessionPage,
  type SessionQuery,
} from './store/index.ts';
import { ThreadLine } from './thread-line.ts';
import { goneError } from './turn-error.ts';

/** Restricts a call to the sessions of one owner: others are treated as absent. */
export interface OwnerOption {
  owner?: string | undefined;
}

export interface ListOptions extends SessionQuery {
  /** Hears of each session that is there and cannot be read. */
  onUnreadable?: (unreadable: { id?: string; error: SessError }) => void;
}

/** The sessions of a store, without their messages. */
export class Sessions {
  readonly #store: FullSessionStore;

  /** @internal Use `sess().sessions`. */
  constructor(store: FullSessionStore) {
    this.#store = store;
  }

  /**
   * All sessions, newest first, read page by page. Those that cannot be read are told to `onUnreadable`; without it,
   * the first one's error is thrown after all others were answered.
   */
  async *list({ onUnreadable, ...query }: ListOptions = {}): AsyncGenerator<SessionInfo, void, undefined> {
    const failures: SessError[] = [];
    const tell = onUnreadable ?? (({ error }) => failures.push(error));
    let { cursor } = query;
    do {
      const page: SessionPage = await this.page(defined<SessionQuery>({ ...query, cursor }));
      yield* page.sessions;
      page.unreadable?.forEach(tell);
      cursor = page.cursor;
    } while (cursor !== undefined);
    if (failures[0] !== undefined) throw failures[0];
  }

  /** One page of sessions. Rejects with UNSUPPORTED where the store cannot list in that way. */
  page(query: SessionQuery = {}): Promise<SessionPage> {
    return this.#store.list(defined<SessionQuery>(query));
  }

  /** What there is to know of a session; undefined where there is none. */
  async info(sessionId: string, { owner }: OwnerOption = {}): Promise<SessionInfo | undefined> {
    if (owner !== undefined) checkId(owner, 'owner');
    const record = await this.#store.get(sessionId, { last: 0 });
    return record === undefined || (owner !== undefined && record.owner !== owner) ? undefined : infoOf(record);
  }

  /** Deletes a session. False where there was none. */
  async delete(sessionId: string, options: OwnerOption = {}): Promise<boolean> {
    if (options.owner !== undefined && (await this.info(sessionId, options)) === undefined) return false;
    const wasThere = await this.#store.delete(sessionId);
    if (wasThere) ThreadLine.checkAll(this.#store, sessionId, goneError(sessionId));
    return wasThere;
  }
}
