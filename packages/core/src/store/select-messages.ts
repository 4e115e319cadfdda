import { defined, mapRecord, own, unlessEmpty } from './record.ts';
import type { SessionRecord } from './session-data.ts';
import type { SessionRead } from './session-store.ts';

/**
 * The part of a whole session that `read` asks for; the session itself where it asks for nothing.
 *
 * @example
 * ```ts
 * import { applyChange, selectMessages } from '@sess/core/store';
 *
 * const change = { changeId: 'c1', life: null };
 * const session = applyChange(undefined, change, { sessionId: 'a', now: Date.now() });
 * console.log(selectMessages(session, { last: 20 }).partial); // { offsets: {} }
 * ```
 */
export function selectMessages<R extends SessionRecord>(session: R, read: SessionRead = {}): R {
  if (!unlessEmpty(defined(read))) return session;
  const ranges = mapRecord(session.lengths, (length, thread) => {
    const end = Math.min(read.before ?? length, length);
    return (read.threads?.includes(thread) ?? true) ? { start: Math.max(0, end - (read.last ?? end)), end } : undefined;
  });
  return {
    ...session,
    threads: mapRecord(ranges, ({ start, end }, thread) => (own(session.threads, thread) ?? []).slice(start, end)),
    partial: { offsets: mapRecord(ranges, ({ start }) => start) },
  };
}
