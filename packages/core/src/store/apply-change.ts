import { type ConflictParts, SessError, type SessErrorCode, type SessErrorDetails } from './error.ts';
import { defined, mapRecord, own, unlessEmpty } from './record.ts';
import type { OpenTurn, SessionRecord } from './session-data.ts';
import type { SessionChange, ThreadChange } from './session-store.ts';
import { isLive, type LiveSession, REMEMBERED_CHANGES, type StoredSession } from './stored-session.ts';

/** What a write is applied with besides the session itself. */
export interface WriteContext {
  readonly sessionId: string;
  /** In ms since the epoch. */
  readonly now: number;
  /** In ms; absent: the session never expires. */
  readonly ttl?: number | undefined;
}

/**
 * The semantics of a commit, as one pure function: what is stored after `change` was applied to what was stored
 * before. A change that was applied already leaves the session as it is, and the very same object is returned.
 *
 * A session of which only the newest messages were read (see `SessionRecord.partial`) may be changed too, and stays
 * partial.
 *
 * Throws NOT_FOUND, ALREADY_EXISTS, CONFLICT (with `parts`, and `outcome: 'unknown'` for a repeated change that may
 * have been applied before), or INVALID_ARGUMENT for a `keep` beyond the end.
 *
 * @example
 * ```ts
 * import { applyChange } from '@sess/core/store';
 *
 * const change = { changeId: 'c1', life: null, owner: 'user-7' };
 * const session = applyChange(undefined, change, { sessionId: 'a', now: Date.now() });
 * console.log(session.life); // c1
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function applyChange<S = any>(
  stored: StoredSession<S> | undefined,
  change: SessionChange<S>,
  { sessionId, now, ttl }: WriteContext,
): LiveSession<S> {
  const { changeId, state, threads, metadata } = change;
  const refuse = (code: SessErrorCode, problem: string, details?: SessErrorDetails) =>
    new SessError(code, `Session ${JSON.stringify(sessionId)} ${problem}.`, { sessionId, ...details });

  const live = isLive(stored, now) ? stored : undefined;
  if (live && (live.life === changeId || live.recent.includes(changeId))) return live;
  if (live && change.life === null) throw refuse('ALREADY_EXISTS', 'exists already');
  // What is gone stays gone, also for a late retry of its creation.
  if (!live && (change.life !== null || stored?.life === changeId)) {
    throw refuse('NOT_FOUND', 'is not there: never saved, deleted, or expired');
  }

  const old = live ?? emptySession<S>(sessionId, change, now);
  const parts = conflictingParts(old, change);
  if (parts) {
    const isKnown = !change.retry || (!parts.life && old.changes - (change.seen ?? Number.NaN) < REMEMBERED_CHANGES);
    const outcome = isKnown ? undefined : { outcome: 'unknown' as const };
    throw refuse('CONFLICT', 'was changed meanwhile; read it again', { parts, ...outcome });
  }
  mapRecord(threads, ({ keep }, thread) => {
    const length = own(old.lengths, thread) ?? 0;
    if (keep > length)
      throw refuse('INVALID_ARGUMENT', `has ${length} messages in the thread, not ${keep}`, { thread });
  });

  const perThread = <T, U>(
    record: Readonly<Record<string, T>> | undefined,
    next: (change: ThreadChange, old: T | undefined, thread: string) => U,
  ) => ({
    ...record,
    ...mapRecord(threads, (threadChange, thread) => next(threadChange, own(record, thread), thread)),
  });
  const offsets = old.partial?.offsets;
  const isContentChanged = state || metadata || unlessEmpty(threads ?? {});
  return defined<LiveSession<S>>({
    ...old,
    state: state ? state.value : old.state,
    threads: perThread(old.threads, ({ keep, append }, messages = [], thread) =>
      messages.slice(0, Math.max(0, keep - (own(offsets, thread) ?? 0))).concat(append),
    ),
    versions: {
      state: state ? changeId : old.versions.state,
      threads: perThread(old.versions.threads, () => changeId),
    },
    lengths: perThread(old.lengths, ({ keep, append }) => keep + append.length),
    openTurns: unlessEmpty(
      withoutNull(perThread(raiseBeats(old.openTurns, change), ({ turn }, open) => (turn === undefined ? open : turn))),
    ),
    changes: old.changes + 1,
    updatedAt: isContentChanged ? now : old.updatedAt,
    expiresAt: ttl && Math.ceil(now + ttl),
    metadata: unlessEmpty(withoutNull({ ...old.metadata, ...metadata })),
    partial: offsets && { offsets: perThread(offsets, ({ keep }, offset = keep) => Math.min(keep, offset)) },
    recent: [...old.recent, changeId].slice(-REMEMBERED_CHANGES),
  });
}

function emptySession<S>(id: string, { changeId, owner }: SessionChange, now: number): LiveSession<S> {
  return defined<LiveSession<S>>({
    id,
    life: changeId,
    versions: { state: null, threads: {} },
    lengths: {},
    changes: 0,
    createdAt: now,
    updatedAt: now,
    owner,
    recent: [],
  });
}

function conflictingParts(
  { life, versions, lengths, openTurns }: LiveSession,
  change: SessionChange,
): ConflictParts | undefined {
  if (change.life !== null && change.life !== life) return { life: { version: life } };
  const threads = mapRecord({ ...change.holds, ...change.threads }, (_, thread) => {
    const version = own(versions.threads, thread) ?? null;
    const { base = version } = own(change.threads, thread) ?? {};
    const openTurn = own(openTurns, thread)?.id;
    const heldTurn = own(change.holds, thread) ?? openTurn;
    return base === version && heldTurn === openTurn ? undefined : { version, length: own(lengths, thread) ?? 0 };
  });
  return unlessEmpty(
    defined<ConflictParts>({
      state: change.state && change.state.base !== versions.state ? { version: versions.state } : undefined,
      threads: unlessEmpty(threads),
    }),
  );
}

/** A holder shows that it is alive; where it touches the thread itself, the thread's version shows it. */
function raiseBeats(turns: SessionRecord['openTurns'], { holds, threads }: SessionChange): Record<string, OpenTurn> {
  return mapRecord(turns, (turn, thread) =>
    own(holds, thread) && !own(threads, thread) ? { ...turn, beat: turn.beat + 1 } : turn,
  );
}

function withoutNull<T>(record: Readonly<Record<string, T | null>>): Record<string, NonNullable<T>> {
  return mapRecord(record, (value) => value ?? undefined) as Record<string, NonNullable<T>>;
}
