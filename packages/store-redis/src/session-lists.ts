import {
  type CheckedQuery,
  infoOf,
  SessError,
  type SessionInfo,
  type SessionOrder,
  type SessionPage,
  type SessionRecord,
} from '@sess/core/store';
import type { KeyNames } from './key-names.ts';
import { announceScript, pageScript, placeScript, removeScript } from './list-scripts.ts';
import type { RedisConnection } from './redis-connection.ts';

/** What a list has of a session. */
interface Entry {
  readonly id: string;
  /** In ms since the epoch; 0 where the session was only announced. */
  readonly place: number;
}

/** Where a session belongs. */
export interface Placement {
  readonly id: string;
  readonly owner?: string | undefined;
  readonly updatedAt: number;
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
  readonly isNew: boolean;
}

/** What `reindex` has done. */
export interface Reindexed {
  /** How many sessions have their place in the lists now. */
  readonly listed: number;
  /** The sessions that cannot be read, and therefore have none. */
  readonly unreadable: { id: string; error: SessError }[];
}

export interface ListSettings {
  readonly connection: RedisConnection;
  readonly names: KeyNames;
  /** The time by the store's own clock, or none: the server's. */
  readonly clock: () => string;
  /** The session without its messages. Rejects with CORRUPT where it cannot be read. */
  readonly describe: (sessionId: string) => Promise<SessionRecord | undefined>;
}

/**
 * The sorted sets in which sessions are listed. On a single node each commit changes them too. In a cluster they are in
 * other slots than the sessions, and are changed after a commit, while its caller goes on; what then is lost (with a
 * process, or a node) is put right by the next commit, by a listing that meets it, or when it is due.
 */
export class SessionLists {
  readonly #settings: ListSettings;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(settings: ListSettings) {
    this.#settings = settings;
  }

  /** Before a session is created in a cluster: it may be listed too early, and too far behind, but is never missing. */
  async announce(id: string, owner: string | undefined): Promise<void> {
    const { connection, clock } = this.#settings;
    await Promise.all(
      this.#allSets(owner).map((sets) => connection.run(announceScript, sets, [id, owner ?? '', clock()])),
    );
  }

  /** Gives a session its place. The caller need not wait: a listing does, and so does `settled`. */
  place(placement: Placement): void {
    this.#inBackground(this.#place(placement));
  }

  remove(id: string, owner: string | undefined, updatedAt: number): void {
    this.#inBackground(this.#remove(id, owner, { place: updatedAt, orderBy: 'updatedAt' }));
  }

  /** Looks after sessions that may have expired, by their members in the set of those that are due. */
  lookAfter(members: readonly string[]): void {
    for (const member of members) this.#inBackground(this.#lookAfter(member));
  }

  /** Gives every session that there is its place. */
  async reindex(): Promise<Reindexed> {
    const { connection, names, describe } = this.#settings;
    const listed = new Set<string>();
    const unreadable: Reindexed['unreadable'] = [];
    for await (const ids of connection.namesBehind(names.session(''))) {
      const place = async (id: string) => {
        try {
          const found = await describe(id);
          if (found === undefined) return; // deleted, or expired
          await this.#place({ ...found, isNew: true });
          listed.add(id);
        } catch (error) {
          if (!SessError.is(error, 'CORRUPT')) throw error;
          unreadable.push({ id, error: Object.assign(error, { sessionId: id }) });
        }
      };
      await Promise.all(ids.map(place));
    }
    return { listed: listed.size, unreadable };
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  /** One page. Sessions that are gone, or at another place than the list has, are put right and passed over. */
  async page({ owner, limit, cursor, orderBy }: CheckedQuery): Promise<SessionPage> {
    await this.settled();
    let last = cursor === undefined ? undefined : entryOf(cursor);
    const sessions: SessionInfo[] = [];
    const unreadable: NonNullable<SessionPage['unreadable']> = [];
    let isComplete = false;
    while (!isComplete && sessions.length <= limit) {
      const wanted = limit + 1 - sessions.length;
      const entries = await this.#entries(orderBy, owner, last, wanted);
      isComplete = entries.length < wanted;
      last = entries.at(-1) ?? last;
      const found = await Promise.all(entries.map((entry) => this.#look(entry, orderBy, owner)));
      for (const { info, error, id } of found) {
        if (info !== undefined) sessions.push(info);
        if (error !== undefined) unreadable.push({ id, error });
      }
    }
    const end = sessions[limit - 1];
    return {
      sessions: sessions.slice(0, limit),
      ...(sessions.length > limit && end && { cursor: cursorOf({ id: end.id, place: end[orderBy] }) }),
      ...(unreadable.length > 0 && { unreadable }),
    };
  }

  /** The session of an entry, where the entry is right about it. Otherwise the lists are put right. */
  async #look(
    { id, place }: Entry,
    orderBy: SessionOrder,
    owner: string | undefined,
  ): Promise<{ id: string; info?: SessionInfo; error?: SessError }> {
    try {
      const found = await this.#settings.describe(id);
      const isOf = owner === undefined || found?.owner === owner;
      if (found !== undefined && isOf && found[orderBy] === place) return { id, info: infoOf(found) };
      await this.#remove(id, owner, { place, orderBy });
      if (found !== undefined) await this.#place({ ...found, isNew: true });
      return { id };
    } catch (error) {
      if (SessError.is(error, 'CORRUPT')) return { id, error: Object.assign(error, { sessionId: id }) };
      throw error;
    }
  }

  /** The next entries behind the last one, newest first. */
  async #entries(
    orderBy: SessionOrder,
    owner: string | undefined,
    last: Entry | undefined,
    count: number,
  ): Promise<Entry[]> {
    const { connection, names } = this.#settings;
    const { reply } = await connection.run(
      pageScript,
      [names.list(orderBy, owner)],
      [String(count), last === undefined ? '' : String(last.place)],
    );
    const [, ids, behind] = reply as [string, string[], string[]];
    const entries: Entry[] = [];
    if (last !== undefined) {
      // Redis orders what is at the same place by bytes.
      const end = Buffer.from(last.id);
      const same = ids.filter((id) => Buffer.compare(Buffer.from(id), end) < 0);
      entries.push(...same.map((id) => ({ id, place: last.place })));
    }
    for (let at = 0; at < behind.length; at += 2) entries.push({ id: behind[at] ?? '', place: Number(behind[at + 1]) });
    return entries.slice(0, count);
  }

  async #place({ id, owner, updatedAt, createdAt, expiresAt, isNew }: Placement): Promise<void> {
    const { connection, clock } = this.#settings;
    const place = [id, String(updatedAt), String(createdAt), isNew ? '1' : '', owner ?? '', String(expiresAt ?? '')];
    const answers = await Promise.all(
      this.#allSets(owner).map((sets) => connection.run(placeScript, sets, [...place, clock()])),
    );
    for (const { reply } of answers) this.lookAfter(reply.slice(1) as string[]);
  }

  async #remove(id: string, owner: string | undefined, seen: { place: number; orderBy: SessionOrder }): Promise<void> {
    const seenIn = seen.orderBy === 'updatedAt' ? '1' : '2';
    const args = [seenIn, String(seen.place), id, owner ?? ''];
    await Promise.all(this.#allSets(owner).map((sets) => this.#settings.connection.run(removeScript, sets, args)));
  }

  /** A member is `LENGTH:OWNER` and id; the length is that of the owner in UTF-8. */
  async #lookAfter(member: string): Promise<void> {
    const bytes = Buffer.from(member);
    const colon = bytes.indexOf(':');
    const end = colon + 1 + Number(bytes.toString('utf8', 0, colon));
    const owner = bytes.toString('utf8', colon + 1, end) || undefined;
    const id = bytes.toString('utf8', end);
    const found = await this.#settings.describe(id);
    if (found?.owner !== owner || found === undefined) {
      await this.#remove(id, owner, { place: Number.MAX_SAFE_INTEGER, orderBy: 'updatedAt' });
    }
    if (found !== undefined) await this.#place({ ...found, isNew: true });
  }

  /** The keys of each script that it takes to change all lists of a session. */
  #allSets(owner: string | undefined): string[][] {
    const { names } = this.#settings;
    return owner === undefined ? [names.sets(undefined)] : [names.sets(undefined), names.sets(owner)];
  }

  /** What fails here is put right later, see above; the commit that it belongs to has succeeded. */
  #inBackground(work: Promise<unknown>): void {
    const settled: Promise<unknown> = work
      .catch(() => {})
      .finally(() => {
        this.#underWay.delete(settled);
      });
    this.#underWay.add(settled);
  }
}

function cursorOf({ id, place }: Entry): string {
  return `${String(place).padStart(16, '0')} ${id}`;
}

function entryOf(cursor: string): Entry {
  const [, place, id] = /^(\d{16}) (.+)$/s.exec(cursor) ?? [];
  if (place === undefined || id === undefined) {
    throw new SessError('INVALID_ARGUMENT', 'cursor must be from list.');
  }
  return { id, place: Number(place) };
}
