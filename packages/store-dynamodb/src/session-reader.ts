import {
  isLive,
  type MessageData,
  own,
  SessError,
  type SessionRead,
  type SessionRecord,
  type Tombstone,
} from '@sess/core/store';
import type { Database } from './database.ts';
import { decodeHeader, HEADER_KEY, type LiveHeader, partitionKey } from './header.ts';
import type { HeaderCache } from './header-cache.ts';
import { forEachLimited } from './limited.ts';
import { pause } from './pause.ts';
import type { Item } from './request-failure.ts';
import { messageRange, recordKey, runPrefix, stateKey } from './row-key.ts';
import { SessionRows } from './session-rows.ts';

/** How often a session is read that others rewrite each time. */
const MOST_TRIES = 50;
const QUERIES_AT_ONCE = 16;

export interface ReaderSettings {
  readonly database: Database;
  readonly cache: HeaderCache;
  readonly prefix: string;
  readonly now: () => number;
}

interface Range {
  readonly thread: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a header and then the rows that it refers to. Rows are not overwritten, so that what is read is the session as
 * the header has it. Where rows are gone by then, the session was rewritten meanwhile: its header is read again.
 */
export class SessionReader {
  readonly #settings: ReaderSettings;

  constructor(settings: ReaderSettings) {
    this.#settings = settings;
  }

  async read(sessionId: string, read: SessionRead): Promise<SessionRecord | Tombstone | undefined> {
    const { database, cache, prefix, now } = this.#settings;
    const pk = partitionKey(prefix, sessionId);
    let previous: LiveHeader | undefined;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const item = await database.get({ pk, sk: HEADER_KEY });
      cache.set(sessionId, item);
      const header = item && decodeHeader(item, prefix);
      if (header?.kind !== 'live' || !isLive(header.session, now())) return header?.session;
      const isSame = previous?.revision === header.revision;
      const record = await this.#content(header, read, isSame);
      if (record !== undefined) return record;
      if (isSame) throw corrupt(sessionId);
      previous = header;
      if (tries > 1) await pause(tries, 5, 200);
    }
    throw new SessError(
      'STORE_FAILED',
      `Session ${JSON.stringify(sessionId)} was rewritten each of the ${MOST_TRIES} times that it was read; try again later.`,
      { sessionId, retryable: true },
    );
  }

  /** undefined: something is missing. `isSame`: nothing has been written since it was missing before. */
  async #content(header: LiveHeader, read: SessionRead, isSame: boolean): Promise<SessionRecord | undefined> {
    const { session } = header;
    const isPart = read.last !== undefined || read.before !== undefined || read.threads !== undefined;
    const ranges = rangesIn(header, read);
    const isWhole = Object.entries(session.lengths).every(([name, length]) => {
      const range = own(ranges, name);
      return range !== undefined && range.end - range.start === length;
    });
    const rows = new SessionRows(header, isSame);
    if (isWhole) await this.#readRun(header, rows);
    else await this.#readRanges(header, Object.values(ranges), rows);
    await this.#readRecords(header, rows);

    const state = rows.state();
    if (state === undefined) return undefined;
    const threads: [string, MessageData[]][] = [];
    for (const [name, { thread, start, end }] of Object.entries(ranges)) {
      const messages = rows.messages(thread, start, end);
      if (messages === undefined) return undefined;
      threads.push([name, messages]);
    }
    const { partial: _, ...rest } = session;
    return {
      ...rest,
      ...state,
      threads: Object.fromEntries(threads),
      ...(isPart && {
        partial: { offsets: Object.fromEntries(Object.entries(ranges).map(([name, { start }]) => [name, start])) },
      }),
    };
  }

  async #readRun(header: LiveHeader, rows: SessionRows): Promise<void> {
    const isEmpty = !header.state?.rows && Object.values(header.session.lengths).every((length) => length === 0);
    if (isEmpty) return;
    await this.#readRows(header, { prefix: runPrefix(header.run) }, rows);
  }

  async #readRanges(header: LiveHeader, ranges: readonly Range[], rows: SessionRows): Promise<void> {
    const { state, run } = header;
    const wanted: ({ prefix: string } | { from: string; to: string })[] = ranges
      .filter(({ start, end }) => start < end)
      .map(({ thread, start, end }) => messageRange(run, thread, start, end));
    if (state && state.rows > 0) wanted.push({ prefix: stateKey(run, state.place, '') });
    await forEachLimited(wanted, QUERIES_AT_ONCE, (range) => this.#readRows(header, range, rows));
  }

  /** Backwards: of the versions of a message the newest first, which is purged last. */
  async #readRows(
    header: LiveHeader,
    range: { prefix: string } | { from: string; to: string },
    rows: SessionRows,
  ): Promise<void> {
    const { database, prefix } = this.#settings;
    const pk = partitionKey(prefix, header.session.id);
    for await (const items of database.rows(pk, range, { backwards: true })) {
      for (const item of items) rows.add(item);
    }
  }

  async #readRecords(header: LiveHeader, rows: SessionRows): Promise<void> {
    const { database, prefix } = this.#settings;
    const pk = partitionKey(prefix, header.session.id);
    const unknown = rows.unknownTags();
    const records: Item[] = await database.getAll(unknown.map((tag) => ({ pk, sk: recordKey(header.run, tag) })));
    for (const record of records) rows.add(record);
  }
}

/** Which messages are asked for, per selected thread. */
function rangesIn(
  { session, threadNumbers }: LiveHeader,
  { last, before, threads }: SessionRead,
): Record<string, Range> {
  const names = Object.keys(session.lengths).filter((name) => threads?.includes(name) ?? true);
  return Object.fromEntries(
    names.map((name) => {
      const length = own(session.lengths, name) ?? 0;
      const end = Math.min(before ?? length, length);
      return [name, { thread: own(threadNumbers, name) ?? 0, start: Math.max(0, end - (last ?? end)), end }];
    }),
  );
}

function corrupt(sessionId: string): SessError {
  return new SessError(
    'CORRUPT',
    `Session ${JSON.stringify(sessionId)} has rows missing or damaged. Restore it from a backup, or delete it.`,
    { sessionId },
  );
}
