import type { FullSessionStore, SessionStore } from '@sess/core/store';

/** What the kit asks a target to open a store with. */
export interface OpenOptions {
  /**
   * Where the data is: a short name of letters, digits and hyphens, unlike any that was used before. Stores of different
   * spaces share nothing; the same space again is a second instance on the same data.
   */
  readonly space: string;
  /** The store's `ttl`, in ms. Absent: none. */
  readonly ttl?: number;
  /** The time, in ms since the epoch. A target that can passes it to the store; expiry is then tested without waiting. */
  readonly clock?: () => number;
}

/** A store, and what the kit may do to it. */
export interface OpenedStore {
  /** Full, or minimal: an object with `get` and `save`. */
  readonly store: SessionStore | FullSessionStore;
  /** Frees everything, also when the store was closed, disconnected or broken before. */
  close?(): Promise<void>;
  /** Cuts the store's connection, so that what it is asked next meets a lost one. Whether it may reconnect is up to it. */
  disconnect?(): Promise<void>;
  /** Makes the backend fail for what is stored in the space: garbles it, takes permissions away, stops answering. */
  break?(): Promise<void>;
  /** The driver's client, for targets that can look at it. */
  readonly client?: {
    /** Whether the target made the client itself and gave it to the store, which then must leave it open. */
    readonly borrowed: boolean;
    /** Whether the client still works. */
    works(): Promise<boolean>;
  };
}

/** A name with its version, for the report. */
export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

/** A session that a previous release wrote, and what it must read as. */
export interface PreviousSession {
  readonly sessionId: string;
  readonly state?: unknown;
  readonly threads?: Readonly<Record<string, readonly unknown[]>>;
}

/** What is tested: the default export of a target file. */
export interface ConformanceTarget {
  /** As in the file's name: `my-store` in `my-store.target.js`. */
  readonly name: string;
  /** Opens a store. Called many times, also in forked processes, and then with the same space by several. */
  open(options: OpenOptions): Promise<OpenedStore>;
  /** The server that the store talks to, for the report. */
  readonly server?: NamedVersion | (() => Promise<NamedVersion | undefined>);
  /** The adapter, for the report. */
  readonly adapter?: NamedVersion;
  /** The database's driver, for the report. */
  readonly driver?: NamedVersion;
  /** Writes data as the previous release did, and tells what it must read as. */
  previous?(space: string): Promise<readonly PreviousSession[]>;
  /**
   * Why the target does not offer `disconnect` or `break`: `{ disconnect: 'keeps everything in this process' }`. Without
   * the offer and without a reason a claimed clause stays untested, and the store is not shown to conform.
   */
  readonly without?: { readonly disconnect?: string; readonly break?: string };
  /** Cases that are known to fail, by id, with the reason. One that passes in spite of it fails: remove the waiver. */
  readonly waivers?: Readonly<Record<string, string>>;
}
