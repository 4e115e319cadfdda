import type { MessageData, OpenTurn, SessionChange, SessionRecord, SessionStore } from '@sess/core/store';
import { ok } from '../assertions.ts';

/** A message of a user. */
export function user(text: string): MessageData {
  return { role: 'user', content: [{ text }] };
}

/** A message of a model. */
export function model(text: string): MessageData {
  return { role: 'model', content: [{ text }] };
}

/** Messages `m<from>` to `m<to - 1>`. */
export function messages(from: number, to: number): MessageData[] {
  return Array.from({ length: to - from }, (_, index) => user(`m${from + index}`));
}

/** An open turn of that id. */
export function turn(id: string, beat = 0): OpenTurn {
  return { id, at: 1_700_000_000_000, leaseMs: 30_000, beat };
}

/** What a change does to a thread of a record: appends after its end, unless `keep` says otherwise. */
export function onThread(
  record: SessionRecord,
  thread: string,
  append: MessageData[],
  keep: number = record.lengths[thread] ?? 0,
): NonNullable<SessionChange['threads']> {
  return { [thread]: { base: record.versions.threads[thread] ?? null, keep, append } };
}

/** The session, which must be there. */
export async function read<R>(
  store: { get(sessionId: string): Promise<R | undefined> },
  sessionId: string,
): Promise<R> {
  const record = await store.get(sessionId);
  ok(record !== undefined, `get of session ${JSON.stringify(sessionId)} must find what was written before`);
  return record;
}

/** State and threads only: what a minimal store keeps. An absent thread map is the same as one without threads. */
export async function content(store: SessionStore, sessionId: string): Promise<{ state?: unknown; threads: unknown }> {
  const { state, threads = {} } = await read(store, sessionId);
  return { ...(state !== undefined && { state }), threads };
}
