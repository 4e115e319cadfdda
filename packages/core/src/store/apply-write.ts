import { applyChange, type WriteContext } from './apply-change.ts';
import type { MessageData } from './message.ts';
import { mapRecord } from './record.ts';
import type { SessionChange } from './session-store.ts';
import { isLive, type LiveSession, type StoredSession, TOMBSTONE_MS } from './stored-session.ts';

/** What `save` replaces a session with. `metadata` absent: it stays. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface SavedData<S = any> {
  state?: S;
  threads: Record<string, MessageData[]>;
  metadata?: Record<string, unknown>;
}

/** Everything that a store is asked to write. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export type SessionWrite<S = any> =
  | { readonly kind: 'commit'; readonly change: SessionChange<S> }
  | { readonly kind: 'save'; readonly changeId: string; readonly data: SavedData<S> }
  | { readonly kind: 'delete' };

export interface WriteResult {
  /** Whether there was a session before. */
  readonly existed: boolean;
  readonly expiresAt?: number | undefined;
}

/**
 * The semantics of every write, as one pure function: what is stored afterwards (undefined: nothing), and what the
 * caller is told. A write that changes nothing returns the very object it was given.
 *
 * Throws what {@link applyChange} throws.
 *
 * @example
 * ```ts
 * import { applyWrite } from '@sess/core/store';
 *
 * const write = { kind: 'save', changeId: 'c1', data: { threads: {} } } as const;
 * const { result } = applyWrite(undefined, write, { sessionId: 'a', now: Date.now() });
 * console.log(result.existed); // false
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function applyWrite<S = any>(
  stored: StoredSession<S> | undefined,
  write: SessionWrite<S>,
  context: WriteContext,
): { stored: StoredSession<S> | undefined; result: WriteResult } {
  const live = isLive(stored, context.now) ? stored : undefined;
  if (write.kind === 'delete') {
    const tombstone = live && { id: live.id, life: live.life, deletedUntil: context.now + TOMBSTONE_MS };
    return { stored: tombstone ?? stored, result: { existed: !!live } };
  }
  const written =
    write.kind === 'commit' ? applyChange(stored, write.change, context) : applySave(live, write, context);
  return { stored: written, result: { existed: !!live, expiresAt: written.expiresAt } };
}

/** A save is a change of the session emptied of all that it replaces. */
function applySave<S>(
  live: LiveSession<S> | undefined,
  { changeId, data }: SessionWrite<S> & { kind: 'save' },
  context: WriteContext,
): LiveSession<S> {
  const { state: _, openTurns: __, ...kept } = live ?? ({} as Partial<LiveSession<S>>);
  const emptied = { ...kept, threads: {}, lengths: {}, versions: { state: null, threads: {} } } as LiveSession<S>;
  const change: SessionChange<S> = {
    changeId,
    life: live?.life ?? null,
    threads: mapRecord(data.threads, (append) => ({ base: null, keep: 0, append })),
    metadata: { ...mapRecord(data.metadata && live?.metadata, () => null), ...data.metadata },
  };
  if (data.state !== undefined) change.state = { base: null, value: data.state };
  return applyChange(live && emptied, change, context);
}
