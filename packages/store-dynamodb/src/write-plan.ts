import {
  applyWrite,
  isLive,
  type LiveSession,
  own,
  type SessionWrite,
  type WriteContext,
  type WriteResult,
} from '@sess/core/store';
import { type Header, type LiveHeader, remembers, type StateRows, tokenOf } from './header.ts';
import { covers, type Horizon, newHorizon } from './horizon.ts';
import { newToken } from './row-key.ts';
import type { WriteContent } from './write-content.ts';

/** Messages that a write takes away: of one thread, from an index to before another. */
export interface Truncation {
  readonly thread: number;
  readonly from: number;
  readonly to: number;
}

/** What a write makes of a session. */
export interface WritePlan {
  /** undefined: nothing changes. */
  readonly next: Header | undefined;
  readonly result: WriteResult;
  /** What is dead afterwards, besides the runs that `next` names. */
  readonly truncations: readonly Truncation[];
  readonly deadState: StateRows | undefined;
  /** The rows that are there have to outlive this time first. undefined: they do. */
  readonly missingHorizon: Horizon | undefined;
}

/** A write with what stays the same through its repetitions. */
export interface PendingWrite {
  readonly sessionId: string;
  readonly write: SessionWrite;
  readonly content: WriteContent;
}

/** What rows that were staged beforehand bind a write to. */
export interface StagedPlace {
  readonly run: string;
  readonly tag: string;
  readonly horizon: Horizon;
}

/**
 * Applies the write to what the header says; throws what {@link applyWrite} throws.
 *
 * @param adopted A horizon that all rows of the present run have by now.
 */
export function planWrite(
  header: Header | undefined,
  { sessionId, write, content }: PendingWrite,
  {
    now,
    ttl,
    staged,
    adopted,
  }: Omit<WriteContext, 'sessionId'> & {
    staged: StagedPlace | undefined;
    adopted: Horizon | undefined;
  },
): WritePlan {
  const nothing = { truncations: [], deadState: undefined, missingHorizon: undefined };
  const live = header?.kind === 'live' && isLive(header.session, now) ? header : undefined;
  const changeId = write.kind === 'commit' ? write.change.changeId : write.kind === 'save' ? write.changeId : undefined;
  if (live && changeId !== undefined && remembers(live, changeId)) {
    return { ...nothing, next: undefined, result: { existed: true, expiresAt: live.session.expiresAt } };
  }

  const { stored, result } = applyWrite(header?.session, write, { sessionId, now, ttl });
  if (stored === undefined || stored === header?.session) return { ...nothing, next: undefined, result };
  const revision = newToken();
  const runs = header === undefined ? [] : header.kind === 'live' ? [...header.dead, header.run] : header.dead;
  if ('deletedUntil' in stored) {
    return { ...nothing, next: { kind: 'deleted', revision, session: stored, dead: runs }, result };
  }

  const session: LiveSession = {
    ...stored,
    threads: {},
    partial: { offsets: stored.lengths },
    recent: [...stored.recent.slice(0, -1), tokenOf(stored.recent.at(-1) ?? '')],
  };
  delete (session as { state?: unknown }).state;
  const kept = write.kind === 'commit' ? live : undefined;
  const state = content.state ? stateRows(content, kept, staged) : kept?.state;
  const { horizon, announced, missing } = horizons(kept, session.expiresAt, { now, ttl, staged, adopted });
  const next: LiveHeader = {
    kind: 'live',
    revision,
    session,
    run: kept?.run ?? staged?.run ?? newToken(),
    threadNumbers: numbered(session, kept),
    state,
    horizon,
    announced,
    dead: kept ? kept.dead : runs,
  };
  return {
    next,
    result,
    truncations: kept ? truncations(kept, next, content) : [],
    deadState: kept?.state && kept.state !== state && isStagedPlace(kept.state.place) ? kept.state : undefined,
    missingHorizon: missing,
  };
}

/** A write as it has to be judged once a try of it, made of that header, may have landed. */
export function asRetry(pending: PendingWrite, header: Header | undefined): PendingWrite {
  const { write } = pending;
  if (write.kind !== 'commit' || write.change.retry) return pending;
  const seen = header?.kind === 'live' ? header.session.changes : 0;
  return { ...pending, write: { ...write, change: { ...write.change, retry: true, seen } } };
}

/** Where rows are staged: nobody else's are there. */
export function stagedPlaceOfState(tag: string): string {
  return `~${tag}`;
}

function isStagedPlace(place: string): boolean {
  return place.startsWith('~');
}

/**
 * The state's rows alternate between two places, so that a new one overwrites the one before the last: nothing has to be
 * deleted, and who reads the last one still finds it.
 */
function stateRows({ state }: WriteContent, kept: LiveHeader | undefined, staged: StagedPlace | undefined): StateRows {
  const rows = state?.texts?.length ?? 0;
  if (staged) return { place: stagedPlaceOfState(staged.tag), rows };
  return { place: kept?.state?.place === '0' ? '1' : '0', rows };
}

/** A thread keeps its number for as long as the run lasts; none is ever taken from it. */
function numbered({ lengths }: LiveSession, kept: LiveHeader | undefined): Record<string, number> {
  let next = Object.keys(kept?.threadNumbers ?? {}).length;
  return Object.fromEntries(Object.keys(lengths).map((name) => [name, own(kept?.threadNumbers, name) ?? next++]));
}

function truncations(old: LiveHeader, next: LiveHeader, { threads }: WriteContent): Truncation[] {
  return Object.entries(threads).flatMap(([name, { from }]) => {
    const to = own(old.session.lengths, name) ?? 0;
    return from < to ? [{ thread: own(next.threadNumbers, name) ?? 0, from, to }] : [];
  });
}

interface HorizonContext {
  now: number;
  ttl?: number | undefined;
  staged: StagedPlace | undefined;
  adopted: Horizon | undefined;
}

/** A new run has no rows yet but those that were staged for it; those of an old one must outlive the session. */
function horizons(
  kept: LiveHeader | undefined,
  expiresAt: number | undefined,
  { now, ttl, staged, adopted }: HorizonContext,
): { horizon: Horizon; announced: Horizon | undefined; missing: Horizon | undefined } {
  const fresh = newHorizon(now, ttl);
  if (!kept) {
    const horizon = staged && covers(staged.horizon, expiresAt) ? staged.horizon : fresh;
    return { horizon, announced: undefined, missing: undefined };
  }
  const { horizon, announced } = kept;
  if (adopted !== undefined && adopted === announced) {
    if (covers(adopted, expiresAt)) return { horizon: adopted, announced: undefined, missing: undefined };
  } else if (covers(horizon, expiresAt)) return { horizon, announced, missing: undefined };
  const missing = announced !== undefined && covers(announced, expiresAt) ? announced : fresh;
  return { horizon, announced, missing };
}
