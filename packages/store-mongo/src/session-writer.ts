import { setTimeout as delay } from 'node:timers/promises';
import {
  applyWrite,
  isLive,
  SessError,
  type SessionWrite,
  type StoredSession,
  type WriteResult,
} from '@sess/core/store';
import type { Document, ReadConcernLevel } from 'mongodb';
import type { Collections } from './collections.ts';
import type { DatabaseTime } from './database-time.ts';
import type { HeaderDocument, SessionDocument } from './document.ts';
import { documentOf, isSession, lifeOfDocument, purged, storedOf, type TextSession, tombstoneOf } from './header.ts';
import { keepPlace } from './keep-place.ts';
import { TAIL_BYTES } from './limits.ts';
import { isDuplicate } from './mongo-error.ts';
import { plainCommit } from './plain-commit.ts';
import { removeSegments } from './remove-segments.ts';
import { sealTails } from './seal.ts';
import { moveToSegments } from './segment.ts';
import { type StoredState, toTextWrite } from './text-write.ts';

const MAX_ATTEMPTS = 100;
/** So long those who have written segments are given to refer to them. */
const PATIENT_ATTEMPTS = 3;
const MAX_PAUSE_MS = 50;

export interface WriterSettings {
  readonly collections: Collections;
  readonly time: DatabaseTime;
  /** Whole milliseconds. */
  readonly ttl: number | undefined;
}

/** The present by the database's clock, and what it holds of a session; its older messages are not looked at. */
interface Present {
  readonly document: HeaderDocument;
  readonly now: Date;
}

/** Makes writes. Each is one document's update, whose condition is that nothing has come in between. */
export class SessionWriter {
  readonly #settings: WriterSettings;

  constructor(settings: WriterSettings) {
    this.#settings = settings;
  }

  /** @param callId Identifies the call: the same again is a repetition whose first outcome is not known. */
  async write(sessionId: string, given: SessionWrite, callId: string): Promise<WriteResult> {
    const write = toTextWrite(given);
    if (write.kind === 'commit') {
      const result =
        write.change.life === null ? await this.#createFirst(sessionId, write) : await this.#commit(sessionId, write);
      if (result !== undefined) return result;
    }
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      const result = await this.#rewrite(sessionId, write, { callId, attempt });
      if (result !== undefined) return result;
      await delay(Math.random() * Math.min(MAX_PAUSE_MS, 2 ** attempt));
    }
    throw new SessError('STORE_FAILED', 'Too many others write to the session at once.', { retryable: true });
  }

  /** A commit that is one update. Undefined where it is not: for the want of a condition, or because it cannot be. */
  async #commit(
    sessionId: string,
    { change }: SessionWrite<StoredState> & { kind: 'commit' },
  ): Promise<WriteResult | undefined> {
    const { collections, ttl } = this.#settings;
    const plain = plainCommit(sessionId, change, this.#settings);
    if (plain === undefined) return undefined;
    const written = await collections.sessions.findOneAndUpdate(plain.filter, plain.update, {
      projection: { _id: 0, size: 1, writtenAt: 1 },
      returnDocument: 'after',
    });
    if (written === null) return undefined;
    const { size, writtenAt } = written as unknown as SessionDocument;
    if (size > TAIL_BYTES) await sealTails(collections, sessionId);
    return { existed: true, expiresAt: ttl && writtenAt.getTime() + ttl };
  }

  /** A creation of which it is not known whether there is something already. */
  async #createFirst(
    sessionId: string,
    write: SessionWrite<StoredState> & { kind: 'commit' },
  ): Promise<WriteResult | undefined> {
    try {
      return await this.#create(sessionId, write, 0);
    } catch (error) {
      // What is wrong with it where there is nothing may not be what is wrong with it.
      if (SessError.is(error)) return undefined;
      throw error;
    }
  }

  /** A creation where nothing is. Undefined where there is something, be it the trace of a deleted session. */
  async #create(
    sessionId: string,
    write: SessionWrite<StoredState>,
    attempt: number,
  ): Promise<WriteResult | undefined> {
    const unknown = new Date(0); // the database fills in its own
    const { stored } = applyWrite<StoredState>(undefined, write, { sessionId, now: 0 });
    const { ttl, collections, time } = this.#settings;
    const created = documentOf(stored as TextSession, { old: undefined, now: unknown, ttl });
    const { document, segments } = moveToSegments(created, 0);
    if (segments.length > 0 && !(await this.#insert(segments))) {
      if (attempt > PATIENT_ATTEMPTS) await keepPlace(collections, sessionId);
      return undefined;
    }
    const { now } = time;
    const { createdAt: _, updatedAt: __, writtenAt: ___, ...known } = document;
    const times: Document = { createdAt: now, updatedAt: now, writtenAt: now };
    if (ttl !== undefined) {
      const field = 'purgeAt' in purged(document, unknown) ? 'purgeAt' : 'sweepAt';
      times[field] = { $add: [now, lifeOfDocument(ttl)] };
    }
    try {
      const inserted = await collections.sessions.findOneAndUpdate(
        { _id: sessionId, layout: { $lt: 0 } }, // matches nothing, so that it is an insertion, by the database's clock
        [{ $replaceWith: { $mergeObjects: [{ $literal: known }, times] } }],
        { upsert: true, returnDocument: 'after', projection: { _id: 0, writtenAt: 1 } },
      );
      const { writtenAt } = inserted as unknown as SessionDocument;
      return { existed: false, expiresAt: ttl && writtenAt.getTime() + ttl };
    } catch (error) {
      if (isDuplicate(error)) return undefined;
      throw error;
    }
  }

  /** Reads, applies, and writes where nothing has come in between; undefined where something has. */
  async #rewrite(
    sessionId: string,
    write: SessionWrite<StoredState>,
    { callId, attempt }: { callId: string; attempt: number },
  ): Promise<WriteResult | undefined> {
    const { ttl } = this.#settings;
    // What others are about to have acknowledged counts: the condition of the update decides anyway.
    const { present, next, result } = await this.#plan(sessionId, write, { callId, level: 'local' });
    if (next === undefined) return this.#confirm(sessionId, write, callId);
    if (present === undefined) return this.#create(sessionId, write, attempt);
    const { document, now } = present;
    if ('deletedUntil' in next) {
      const tombstone = tombstoneOf(next, { old: document, deletedBy: callId });
      const isDone = await this.#replace(document, tombstone);
      if (isDone && tombstone.garbage) await this.#removeSegments(document as SessionDocument);
      return isDone ? result : undefined;
    }
    const plan = moveToSegments(documentOf(next, { old: document, now, ttl }), document.layout);
    if (plan.segments.length > 0 && !(await this.#insert(plan.segments))) {
      if (attempt > PATIENT_ATTEMPTS) await this.#raise(document);
      return undefined;
    }
    const purge = ttl && new Date(now.getTime() + lifeOfDocument(ttl));
    const isDone = await this.#replace(document, purge ? purged(plan.document, purge) : plan.document);
    return isDone ? result : undefined;
  }

  /** What the session has to become; without `next` nothing is left to write. Throws what `applyWrite` throws. */
  async #plan(
    sessionId: string,
    write: SessionWrite<StoredState>,
    { callId, level }: { callId: string; level: ReadConcernLevel },
  ): Promise<{ present: Present | undefined; next?: StoredSession<StoredState> | undefined; result: WriteResult }> {
    const present = await this.#read(sessionId, level);
    const { document, now = new Date(0) } = present ?? {};
    const stored = document && storedOf(document);
    const isDeletedByThis = document && !isSession(document) && document.deletedBy === callId;
    if (write.kind === 'delete' && isDeletedByThis) return { present, result: { existed: true } };
    if (write.kind === 'save' && isLive(stored, now.getTime()) && stored.recent.includes(write.changeId)) {
      return { present, result: { existed: true, expiresAt: stored.expiresAt } };
    }
    const { ttl } = this.#settings;
    const { stored: next, result } = applyWrite<StoredState>(stored, write, { sessionId, now: now.getTime(), ttl });
    return { present, next: next === stored ? undefined : next, result };
  }

  /**
   * The result of a write that finds nothing left to write, be it that an earlier try has landed: it is acknowledged only
   * where a majority has what was found. Undefined where that is not so yet.
   */
  async #confirm(
    sessionId: string,
    write: SessionWrite<StoredState>,
    callId: string,
  ): Promise<WriteResult | undefined> {
    try {
      const { next, result } = await this.#plan(sessionId, write, { callId, level: 'majority' });
      return next === undefined ? result : undefined;
    } catch (error) {
      if (SessError.is(error)) return undefined; // what a majority has is older
      throw error;
    }
  }

  async #read(sessionId: string, level: ReadConcernLevel): Promise<Present | undefined> {
    const { collections, time } = this.#settings;
    const [found] = await collections.sessions
      .aggregate<HeaderDocument & { now: Date }>([{ $match: { _id: sessionId } }, { $set: { now: time.now } }], {
        readConcern: { level },
      })
      .toArray();
    if (found === undefined) return undefined;
    const { now, ...document } = found;
    return { document: document as HeaderDocument, now };
  }

  async #replace(old: HeaderDocument, next: HeaderDocument): Promise<boolean> {
    const { life = null, changes = null } = old as Partial<SessionDocument>;
    const filter = { _id: old._id, layout: old.layout, life, changes } as Document;
    const { _id, ...replacement } = next;
    const { matchedCount } = await this.#settings.collections.sessions.replaceOne(filter, replacement);
    return matchedCount > 0;
  }

  /** False where somebody has written segments of that layout before. */
  async #insert(segments: Parameters<Collections['segments']['insertMany']>[0]): Promise<boolean> {
    try {
      await this.#settings.collections.segments.insertMany(segments, { ordered: true });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  /** Takes another layout, because somebody who wrote segments of this one has died of it. */
  async #raise({ _id, layout }: HeaderDocument): Promise<void> {
    await this.#settings.collections.sessions.updateOne({ _id, layout }, { $inc: { layout: 1 } });
  }

  /** Best at once; what is left over, a sweep removes. */
  async #removeSegments({ _id, life, layout }: SessionDocument): Promise<void> {
    const { segments } = this.#settings.collections;
    try {
      const found = segments.find({ session: _id, life, layout: { $lte: layout } }, { projection: { layout: 1 } });
      await removeSegments(segments, await found.toArray());
    } catch {
      // The session is deleted, and that is what its caller asks.
    }
  }
}
