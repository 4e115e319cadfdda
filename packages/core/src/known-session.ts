import { applyChange, type LiveSession, own, type SessionChange, type SessionRecord } from './store/index.ts';
import { mapRecord } from './store/record.ts';

/**
 * What this process knows of a session: its record, and of each thread the newest messages, from an offset on. It is
 * frozen, and replaced as a whole when something is read or committed.
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export type KnownSession<S = any> = LiveSession<S> & { readonly partial: { readonly offsets: Record<string, number> } };

/** What is known after a read: what was read, and the messages known before of threads that have not changed. */
export function knowFromRead<S>(record: SessionRecord<S>, before?: KnownSession<S>): KnownSession<S> {
  const known = mapRecord(record.lengths, (length, thread) => {
    const read = own(record.threads, thread);
    const offset = own(record.partial?.offsets, thread) ?? (read === undefined ? length : 0);
    const isSame = before?.life === record.life && isSameVersion(before, record, thread);
    const offsetBefore = own(before?.partial.offsets, thread) ?? length;
    return isSame && offsetBefore < offset
      ? { messages: own(before?.threads, thread) ?? [], offset: offsetBefore }
      : { messages: read ?? [], offset };
  });
  return freeze({
    ...record,
    recent: [],
    threads: mapRecord(known, ({ messages }) => messages),
    partial: { offsets: mapRecord(known, ({ offset }) => offset) },
  });
}

/** What is known after a change of ours was committed. */
export function knowFromCommit<S>(
  sessionId: string,
  before: KnownSession<S> | undefined,
  change: SessionChange<S>,
  expiresAt: number | undefined,
): KnownSession<S> {
  const { expiresAt: _, ...unexpiring } = before ?? {};
  const old = before && (unexpiring as LiveSession<S>); // the store has judged whether it has expired
  const after = applyChange(old, change, { sessionId, now: Date.now() });
  return freeze({
    ...after,
    recent: [],
    partial: after.partial ?? { offsets: mapRecord(after.lengths, () => 0) },
    ...(expiresAt !== undefined && { expiresAt }),
  });
}

/** Whether a thread is the same in both, as far as versions tell. */
export function isSameVersion(a: SessionRecord, b: SessionRecord, thread: string): boolean {
  return own(a.versions.threads, thread) === own(b.versions.threads, thread);
}

/** Freezes JSON to its leaves. What is frozen already is not looked into again. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const item of Object.values(value)) freeze(item);
  }
  return value;
}
