import { REMEMBERED_CHANGES, SessError, type SessionWrite, type WriteResult } from '@sess/core/store';
import type { Database } from './database.ts';
import {
  decodeHeader,
  encodeHeader,
  HEADER_KEY,
  type Header,
  type HeaderLayout,
  isStill,
  partitionKey,
  remembers,
} from './header.ts';
import type { HeaderCache } from './header-cache.ts';
import type { Horizon } from './horizon.ts';
import { pause } from './pause.ts';
import type { Purge } from './purge.ts';
import { ConditionFailed, type Item, RequestFailure, storeFailed } from './request-failure.ts';
import { restamp } from './restamp.ts';
import { newToken } from './row-key.ts';
import { rowHorizon, rowsOf } from './rows.ts';
import { isStagedWrite, newTag, type Staged, type Staging } from './staging.ts';
import { contentOf } from './write-content.ts';
import { asRetry, type PendingWrite, planWrite, type StagedPlace, type WritePlan } from './write-plan.ts';

/** How often a write is tried where others come first each time. */
const MOST_TRIES = 100;

export interface WriterSettings extends HeaderLayout {
  readonly database: Database;
  readonly cache: HeaderCache;
  readonly purge: Purge;
  readonly staging: Staging;
  readonly ttl: number | undefined;
  readonly now: () => number;
}

/** What one write knows while it is tried. */
interface Attempt {
  pending: PendingWrite;
  header: Header | undefined;
  /** Whether the header was the present one at some moment of the call. */
  isPresent: boolean;
  staged: Staged | undefined;
  adopted: Horizon | undefined;
  /** An earlier try may have landed; the first such one was made of this header. */
  uncertain: { readonly of: Header | undefined } | undefined;
}

/**
 * Makes a write of what the header says, and lands it where the header is still the same: as a rule in one transaction.
 * Where it is not, DynamoDB answers what it is now, and the write is made again of that.
 */
export class SessionWriter {
  readonly #settings: WriterSettings;

  constructor(settings: WriterSettings) {
    this.#settings = settings;
  }

  async write(sessionId: string, write: SessionWrite): Promise<WriteResult> {
    const pending = { sessionId, write, content: contentOf(write) };
    const attempt: Attempt = {
      pending,
      header: undefined,
      isPresent: false,
      staged: undefined,
      adopted: undefined,
      uncertain: undefined,
    };
    try {
      await this.#start(attempt);
      for (let tries = 0; tries < MOST_TRIES; tries++) {
        const result = await this.#try(attempt);
        if (result !== undefined) return result;
        if (tries > 1) await pause(tries, 5, 200);
      }
      throw this.#keepsChanging(attempt);
    } catch (error) {
      await this.#abandon(attempt);
      throw this.#reported(error, attempt);
    }
  }

  /** Finishes a deletion that was left unfinished. Resolves to whether there was one. */
  async finish(sessionId: string): Promise<boolean> {
    const { database, prefix } = this.#settings;
    const item = await database.get({ pk: partitionKey(prefix, sessionId), sk: HEADER_KEY });
    const header = item && decodeHeader(item, prefix);
    if (header?.kind !== 'deleted' || header.dead.length === 0) return false;
    await this.#bury(sessionId, header.dead);
    await this.#finishDeletion(header);
    return true;
  }

  async #start(attempt: Attempt): Promise<void> {
    const { sessionId, write } = attempt.pending;
    const { cache, prefix } = this.#settings;
    const known = cache.get(sessionId);
    const isCreation = write.kind === 'commit' && write.change.life === null;
    if (known !== undefined) attempt.header = decodeHeader(known, prefix);
    else if (!isCreation) await this.#look(attempt);
  }

  async #look(attempt: Attempt): Promise<void> {
    const { database, prefix } = this.#settings;
    const pk = partitionKey(prefix, attempt.pending.sessionId);
    this.#isNow(attempt, await database.get({ pk, sk: HEADER_KEY }));
  }

  #isNow(attempt: Attempt, item: Item | undefined): void {
    const { cache, prefix } = this.#settings;
    cache.set(attempt.pending.sessionId, item);
    attempt.header = item && decodeHeader(item, prefix);
    attempt.isPresent = true;
  }

  /** undefined: somebody else came first, or the header was not the present one. */
  async #try(attempt: Attempt): Promise<WriteResult | undefined> {
    const settled = this.#settledBefore(attempt);
    if (settled !== undefined) return settled;
    const plan = this.#plan(attempt);
    if (plan === undefined) {
      await this.#look(attempt);
      return undefined;
    }
    const { next, result, missingHorizon } = plan;
    if (next === undefined) return result;
    if (missingHorizon !== undefined) {
      await this.#raiseHorizon(attempt, missingHorizon);
      return undefined;
    }
    if (next.kind === 'live' && isStagedWrite(attempt.pending.content) && !(await this.#isStaged(attempt, next))) {
      return undefined;
    }
    const { header } = attempt;
    if (next.kind === 'live' && header?.kind === 'live' && next.run === header.run && header.dead.length > 0) {
      await this.#bury(header.session.id, header.dead);
      Object.assign(next, { dead: [] });
    }
    const landed = await this.#land(attempt, next);
    if (landed === undefined) return undefined;
    attempt.staged = undefined;
    this.#settings.cache.set(attempt.pending.sessionId, landed);
    await this.#cleanUp(attempt, plan, next);
    return result;
  }

  /**
   * What an earlier try came to that may have landed. A commit tells by itself; a save or a deletion must not be made
   * again of what others have made since. Throws where it cannot be known.
   */
  #settledBefore({ uncertain, header, pending: { sessionId, write } }: Attempt): WriteResult | undefined {
    if (uncertain === undefined || write.kind === 'commit') return undefined;
    const [before, now] = [uncertain.of?.session, header?.session];
    const isSameLife = before?.life === now?.life && header?.kind !== 'deleted';
    if (write.kind === 'delete') return isSameLife ? undefined : { existed: true };
    const changes = (session: typeof now) => (session && 'changes' in session ? session.changes : 0);
    if (header?.kind === 'live' && remembers(header, write.changeId)) return { existed: before !== undefined };
    if (isSameLife && changes(now) - changes(before) < REMEMBERED_CHANGES) return undefined;
    throw new SessError(
      'STORE_FAILED',
      `Session ${JSON.stringify(sessionId)} was changed by others; it is not known whether it was saved before. Read it again.`,
      { sessionId, outcome: 'unknown' },
    );
  }

  /** undefined: a refusal, or nothing to do, that only a header from before this call speaks for. */
  #plan(attempt: Attempt, staged: StagedPlace | undefined = attempt.staged): WritePlan | undefined {
    const { header, pending, isPresent, adopted } = attempt;
    const { now, ttl } = this.#settings;
    try {
      const plan = planWrite(header, pending, { now: now(), ttl, staged, adopted });
      return plan.next === undefined && !isPresent ? undefined : plan;
    } catch (refusal) {
      if (isPresent) throw refusal;
      return undefined;
    }
  }

  /** Announces how long rows have to live from now on, and gives it to those that are there. */
  async #raiseHorizon(attempt: Attempt, horizon: Horizon): Promise<void> {
    const { database } = this.#settings;
    const { header } = attempt;
    if (header?.kind !== 'live') return;
    if (header.announced !== horizon) {
      const announcing = { ...header, revision: newToken(), announced: horizon };
      if ((await this.#land(attempt, announcing, false)) === undefined) return;
      attempt.header = announcing;
    }
    await restamp(database, partitionKey(this.#settings.prefix, header.session.id), header.run, horizon);
    attempt.adopted = horizon;
  }

  /** false: the rows have to be staged again, or are so only now. */
  async #isStaged(attempt: Attempt, next: Header & { kind: 'live' }): Promise<boolean> {
    const { staging, database, prefix, now } = this.#settings;
    const { content } = attempt.pending;
    const pk = partitionKey(prefix, next.session.id);
    if (attempt.staged && !staging.fits(attempt.staged, next, content)) await this.#abandon(attempt);
    if (!attempt.staged) {
      const tag = newTag();
      const placed = this.#withPlace(attempt, next, tag);
      if (placed) attempt.staged = await staging.stage(content, placed, tag, now());
      return false; // time has passed: what to write is to be judged again
    }
    const horizon = rowHorizon(next);
    if (attempt.staged.horizon !== horizon) {
      await restamp(database, pk, attempt.staged.run, horizon);
      attempt.staged.horizon = horizon;
    }
    return true;
  }

  /** The header again, with the state at the place that the tag stands for. */
  #withPlace(attempt: Attempt, next: Header & { kind: 'live' }, tag: string): (Header & { kind: 'live' }) | undefined {
    const placed = this.#plan(attempt, { run: next.run, tag, horizon: rowHorizon(next) });
    return placed?.next?.kind === 'live' ? placed.next : undefined;
  }

  /** The item of the header; undefined: it is another one by now, or the staged rows were swept. */
  async #land(attempt: Attempt, next: Header, withRows = true): Promise<Item | undefined> {
    const { database, prefix, staging } = this.#settings;
    const { content } = attempt.pending;
    const item = encodeHeader(next, this.#settings);
    const put = database.conditionalPut(item, isStill(attempt.header));
    try {
      if (!withRows || next.kind === 'deleted' || content.rows === 0) {
        await database.put(item, isStill(attempt.header));
      } else if (attempt.staged) {
        await database.transact([{ Put: put }, staging.confirmation(next, attempt.staged)]);
      } else {
        const rows = [...rowsOf(content, next, { prefix, change: next.session.changes })];
        await database.transact([
          { Put: put },
          ...rows.map((row) => ({ Put: { TableName: database.table, Item: row } })),
        ]);
      }
      return item;
    } catch (error) {
      const isUncertain = (error instanceof ConditionFailed || error instanceof RequestFailure) && error.isUncertain;
      if (isUncertain && withRows && attempt.uncertain === undefined) {
        attempt.uncertain = { of: attempt.header };
        attempt.pending = asRetry(attempt.pending, attempt.header);
      }
      if (!(error instanceof ConditionFailed)) throw error;
      if (error.failed.includes(0)) this.#isNow(attempt, error.current);
      else await this.#abandon(attempt); // a sweep was faster
      return undefined;
    }
  }

  /** What is dead by now. It harms nobody if it stays: the runs are still named in the header. */
  async #cleanUp({ pending: { sessionId } }: Attempt, plan: WritePlan, next: Header): Promise<void> {
    const { cache, purge, prefix } = this.#settings;
    const pk = partitionKey(prefix, sessionId);
    try {
      if (next.kind === 'live') {
        for (const truncation of plan.truncations) {
          await purge.messages(pk, next.run, truncation, next.session.changes);
        }
        if (plan.deadState) await purge.state(pk, next.run, plan.deadState);
      }
      if (next.dead.length === 0) return;
      await this.#bury(sessionId, next.dead);
      // Where the session lives on, its next write tells the others.
      if (next.kind === 'live') cache.set(sessionId, encodeHeader({ ...next, dead: [] }, this.#settings));
      else await this.#finishDeletion(next);
    } catch (error) {
      if (!(error instanceof RequestFailure)) throw error;
    }
  }

  async #bury(sessionId: string, dead: readonly string[]): Promise<void> {
    const { purge, prefix } = this.#settings;
    for (const run of dead) await purge.run(partitionKey(prefix, sessionId), run);
  }

  /** Nothing is left to purge: the trace itself may go when its time has come. */
  async #finishDeletion(deleted: Header & { kind: 'deleted' }): Promise<void> {
    const { database, cache } = this.#settings;
    const finished = encodeHeader({ ...deleted, revision: newToken(), dead: [] }, this.#settings);
    try {
      await database.put(finished, isStill(deleted));
      cache.set(deleted.session.id, finished);
    } catch (error) {
      if (!(error instanceof ConditionFailed)) throw error;
      cache.set(deleted.session.id, error.current); // created again meanwhile
    }
  }

  /** Takes back what was staged. Should that fail, a sweep does it. */
  async #abandon(attempt: Attempt): Promise<void> {
    const { staged, pending } = attempt;
    attempt.staged = undefined;
    if (!staged) return;
    const { staging, prefix } = this.#settings;
    await staging.discard(partitionKey(prefix, pending.sessionId), staged).catch(() => {});
  }

  #keepsChanging({ pending: { sessionId }, uncertain }: Attempt): SessError {
    const outcome = uncertain ? { outcome: 'unknown' as const } : {};
    const problem = `was written by others each of the ${MOST_TRIES} times that this write was tried; try again later`;
    return new SessError('STORE_FAILED', `Session ${JSON.stringify(sessionId)} ${problem}.`, {
      sessionId,
      retryable: true,
      ...outcome,
    });
  }

  #reported(error: unknown, { pending: { sessionId }, uncertain }: Attempt): unknown {
    if (!(error instanceof RequestFailure)) return error;
    return storeFailed(error, { sessionId, ...(uncertain && { outcome: 'unknown' as const }) });
  }
}
