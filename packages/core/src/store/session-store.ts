import type { SessError } from './error.ts';
import type { MessageData } from './message.ts';
import type { OpenTurn, SessionData, SessionInfo, SessionRecord } from './session-data.ts';

/** The minimal store: all that an adapter must have, and all that Genkit's had. Core emulates the rest. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface SessionStore<S = any> {
  /** Resolves `undefined` only for a session that was never saved, was deleted, or has expired. A failure rejects. */
  get(sessionId: string): Promise<SessionData<S> | undefined>;
  /** Replaces the whole session, unconditionally. */
  save(sessionId: string, data: Omit<SessionData<S>, 'id'>): Promise<void>;
}

/** Which part of a session to load. Any of the three makes the answer `partial`. */
export interface SessionRead {
  /** The newest n messages of each thread; 0: none, just the record. */
  readonly last?: number;
  /** Only messages whose index is below this one: pages backwards. */
  readonly before?: number;
  /** Only these threads. */
  readonly threads?: readonly string[];
}

/** What a change does to one thread: keep the first `keep` messages, then append. */
export interface ThreadChange {
  /** The version that the thread must have; null: it must be absent. */
  base: string | null;
  /** How many messages stay. The thread's length: a plain append. 0 with nothing to append: a reset. */
  keep: number;
  append: MessageData[];
  /** Opens (or replaces) the thread's open turn; null closes it; absent leaves it as it is. */
  turn?: OpenTurn | null;
}

/** One atomic change of a session: all of it lands, or none. Conditions cover only the parts it touches. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface SessionChange<S = any> {
  /** Unique. A repeated change is applied once. It becomes the version of each part that the change touches. */
  changeId: string;
  /** null: the session must not exist. Otherwise it must be this very one. */
  life: string | null;
  /** `value: undefined` clears the state. */
  state?: { base: string | null; value: S | undefined };
  threads?: Record<string, ThreadChange>;
  /** A shallow merge, without a condition; null removes a key. */
  metadata?: Record<string, unknown>;
  /** With `life: null` only. */
  owner?: string;
  /** Thread -> id of the turn that must still be open there. Raises the beat of those whose thread is not touched. */
  holds?: Record<string, string>;
  /** `SessionRecord.changes` when the writer read. */
  seen?: number;
  /** Set by whoever repeats a change whose outcome it does not know. */
  retry?: true;
}

/** What a commit tells. The new version of each part it touched is `changeId`. */
export interface CommitResult {
  changeId: string;
  expiresAt?: number;
}

export interface SessionQuery {
  /** Only sessions of this owner. */
  owner?: string;
  /** How many to answer at most: 1 or more, 100 by default. `cursor` in the answer says that there are more. */
  limit?: number;
  /** From the page before. */
  cursor?: string;
  /** `updatedAt` by default. Newest first. */
  orderBy?: SessionOrder;
}

export type SessionOrder = 'updatedAt' | 'createdAt';

export interface SessionPage {
  sessions: SessionInfo[];
  /** Present when there are more. */
  cursor?: string;
  /** Sessions that are there and cannot be read. */
  unreadable?: { id?: string; error: SessError }[];
}

/** What a store claims. Users, types and the conformance kit read it: claimed is tested. */
export interface StoreSupports {
  /** The version of the contract. */
  readonly specVersion: 1;
  /** What a commit costs: the bytes of the change, or of the whole session. */
  readonly commitCost: 'change' | 'session';
  /** Whether several processes may use the same data at once. */
  readonly processes: 'one' | 'many';
  /** How late (ms) an expiry may be seen; false: no `ttl`. */
  readonly ttl: { readonly granularityMs: number } | false;
  readonly list:
    | {
        readonly orders: readonly SessionOrder[];
        /** `owner`: only with an owner in the query. */
        readonly scope: 'all' | 'owner';
        /** Whether a change is listed at once. */
        readonly freshness: 'immediate' | 'lagging';
      }
    | false;
  /** The largest message, in bytes of its JSON in UTF-8. Absent: no limit of the store's own. */
  readonly maxMessageBytes?: number;
}

/** The whole contract. Every store that this project ships is one. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface FullSessionStore<S = any> extends SessionStore<S> {
  readonly supports: StoreSupports;
  /** A snapshot and the caller's own copy. Rejects on any failure; see {@link SessionStore.get} for `undefined`. */
  get(sessionId: string, read?: SessionRead): Promise<SessionRecord<S> | undefined>;
  /** Applies a change, once. Rejects with CONFLICT, NOT_FOUND or ALREADY_EXISTS where its conditions do not hold. */
  commit(sessionId: string, change: SessionChange<S>): Promise<CommitResult>;
  list(query?: SessionQuery): Promise<SessionPage>;
  /** Removes all of a session. Resolves whether there was one. */
  delete(sessionId: string): Promise<boolean>;
  /** Ends the store's use; what is called later rejects with CLOSED. May be called again. */
  close(): Promise<void>;
}
