import { resolve } from 'node:path';
import {
  BaseSessionStore,
  type BaseStoreOptions,
  type CheckedQuery,
  infoOf,
  isLive,
  pageSessions,
  SessError,
  type SessionInfo,
  type SessionPage,
  type SessionRead,
  type SessionRecord,
  type SessionWrite,
  type StoreSupports,
  sweepEvery,
  type Tombstone,
  type WriteResult,
} from '@sess/core/store';
import { fileError } from './file-error.ts';
import { folderName } from './file-name.ts';
import { Listings } from './listings.ts';
import { OpenSessions } from './open-sessions.ts';
import { type JournalSettings, SessionJournal } from './session-journal.ts';
import { forEachLimited, removeAbandoned, sessionNames } from './sweep.ts';

const MAX_OPEN_FILES = 128;
/** How many sessions a listing or a sweep looks at at the same time. */
const LOOKED_AT = 16;

type Unreadable = NonNullable<SessionPage['unreadable']>[number];

export interface FileStoreOptions extends BaseStoreOptions {
  /** Where the sessions are. Made, for this user only, when the first session is stored. It belongs to the store alone. */
  folder: string;
  /**
   * `always`: a write is on disk before it is acknowledged, and survives a power cut. `never`: the operating system
   * decides when; an acknowledged write then survives the end of the process, but not of the machine. Default: `always`.
   */
  fsync?: 'always' | 'never';
  /** How often (ms) expired sessions are removed; false: never. Default: 600,000. */
  sweepIntervalMs?: number | false;
  /** How many sessions may have their files open at once. More wait for each other. Default: 128. */
  maxOpenFiles?: number;
}

/**
 * Keeps each session in a file that only grows by a line per change. Any number of processes of one machine may use the
 * folder at once.
 *
 * Throws INVALID_ARGUMENT for an option that makes no sense. Its methods reject with what the contract says, with
 * CORRUPT for a session whose file is damaged, and with STORE_FAILED where the file system fails; the message names
 * the path and the remedy.
 *
 * @example
 * ```ts
 * import { sess } from '@sess/core';
 * import { fileStore } from '@sess/store-file';
 *
 * const ai = sess({ store: fileStore({ folder: '.sess' }) });
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function fileStore<S = any>(options: FileStoreOptions): FileStore<S> {
  return new FileStore(options);
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class FileStore<S = any> extends BaseSessionStore<S> {
  readonly supports: StoreSupports = {
    specVersion: 1,
    commitCost: 'change',
    processes: 'many',
    ttl: { granularityMs: 1 },
    list: { orders: ['updatedAt', 'createdAt'], scope: 'all', freshness: 'immediate' },
  };
  readonly #settings: JournalSettings;
  readonly #sessions: OpenSessions;
  readonly #listings = new Listings();
  readonly #stopSweeping: () => void;

  /** Throws INVALID_ARGUMENT for an option that makes no sense. */
  constructor(options: FileStoreOptions) {
    const { folder, fsync = 'always', sweepIntervalMs, maxOpenFiles = MAX_OPEN_FILES, ...base } = options;
    super(base);
    if (typeof folder !== 'string' || folder === '') throw invalid('folder must be the path of a folder.');
    if (fsync !== 'always' && fsync !== 'never') throw invalid("fsync must be 'always' or 'never'.");
    if (!Number.isSafeInteger(maxOpenFiles) || maxOpenFiles < 1)
      throw invalid('maxOpenFiles must be a whole number above 0.');
    this.#settings = { root: resolve(folder), sync: fsync === 'always', ttl: this.ttl, now: () => this.now() };
    this.#sessions = new OpenSessions(maxOpenFiles);
    this.#stopSweeping = sweepEvery(() => this.sweep(), sweepIntervalMs);
  }

  /**
   * Removes expired sessions, traces of sessions that were deleted an hour ago, and what dead processes left behind.
   * Any number of processes may sweep at once. A session that somebody refreshes or creates again meanwhile stays; one
   * that cannot be read stays too.
   *
   * Rejects with STORE_FAILED where something cannot be read or changed, after having swept the rest.
   */
  async sweep(): Promise<{ removed: number }> {
    const { root } = this.#settings;
    const failures: unknown[] = [];
    let removed = 0;
    try {
      await removeAbandoned(root);
      await forEachLimited(await sessionNames(root), LOOKED_AT, async (name) => {
        try {
          if (await this.#look(name, (journal) => journal.sweep())) removed += 1;
        } catch (error) {
          if (!SessError.is(error, 'CORRUPT')) failures.push(error); // listing reports those
        }
      });
    } catch (error) {
      failures.push(error);
    }
    if (failures.length > 0) throw fileError(failures[0], root);
    return { removed };
  }

  protected readSession(sessionId: string, read: SessionRead): Promise<SessionRecord<S> | Tombstone | undefined> {
    return this.#use(sessionId, (journal) => journal.read(read));
  }

  protected writeSession(sessionId: string, write: SessionWrite<S>): Promise<WriteResult> {
    return this.#use(sessionId, (journal) => journal.write(write));
  }

  protected listSessions(query: CheckedQuery): Promise<SessionPage> {
    const found = this.#listings.before(query.cursor);
    return found === undefined ? this.#listAll(query) : this.#listFound(query, found);
  }

  protected async closeStore(): Promise<void> {
    this.#stopSweeping();
    await this.#sessions.close();
  }

  /** A page for which every session is looked at. */
  async #listAll(query: CheckedQuery): Promise<SessionPage> {
    const { root } = this.#settings;
    const names = await sessionNames(root).catch((error) => {
      throw fileError(error, root);
    });
    const { infos, unreadable } = await this.#describe(names);
    const page = pageSessions(infos, query);
    this.#listings.remember(infos, page.cursor);
    return { ...page, ...(unreadable.length > 0 && { unreadable }) };
  }

  /** A page of what was found before, as far as it still is so. */
  async #listFound(query: CheckedQuery, found: readonly SessionInfo[]): Promise<SessionPage> {
    const { limit, orderBy } = query;
    const sessions: SessionInfo[] = [];
    const unreadable: Unreadable[] = [];
    let { cursor } = query;
    do {
      const next = pageSessions(found, { ...query, ...(cursor && { cursor }), limit: limit - sessions.length });
      const now = await this.#describe(next.sessions.map(({ id }) => folderName(id)));
      const places = new Map(next.sessions.map((info) => [info.id, info[orderBy]]));
      const unmoved = now.infos.filter((info) => places.get(info.id) === info[orderBy]);
      sessions.push(...pageSessions(unmoved, { ...query, cursor: '' }).sessions);
      unreadable.push(...now.unreadable);
      cursor = next.cursor;
    } while (cursor !== undefined && sessions.length < limit);
    this.#listings.remember(found, cursor);
    return { sessions, ...(cursor && { cursor }), ...(unreadable.length > 0 && { unreadable }) };
  }

  /** What there is to tell of the sessions in these folders, in no order. */
  async #describe(names: readonly string[]): Promise<{ infos: SessionInfo[]; unreadable: Unreadable[] }> {
    const infos: SessionInfo[] = [];
    const unreadable: Unreadable[] = [];
    await forEachLimited(names, LOOKED_AT, async (name) => {
      try {
        const stored = await this.#look(name, (journal) => journal.describe());
        if (isLive(stored, this.now())) infos.push(infoOf(stored));
      } catch (thrown) {
        const error = fileError(thrown, this.#settings.root);
        unreadable.push({ ...(error.sessionId !== undefined && { id: error.sessionId }), error });
      }
    });
    return { infos, unreadable };
  }

  #use<T>(sessionId: string, operation: (journal: SessionJournal) => Promise<T>): Promise<T> {
    const name = folderName(sessionId);
    return this.#sessions.use(name, () => new SessionJournal(this.#settings, name, sessionId), operation);
  }

  /** For what looks at all sessions: leaves those in use, and which of them are open, as they are. */
  async #look<T>(name: string, operation: (journal: SessionJournal) => Promise<T>): Promise<T> {
    const journal = new SessionJournal(this.#settings, name);
    try {
      return await operation(journal);
    } finally {
      await journal.close();
    }
  }
}

function invalid(message: string): SessError {
  return new SessError('INVALID_ARGUMENT', message);
}
