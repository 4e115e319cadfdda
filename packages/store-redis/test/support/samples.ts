import { randomUUID } from 'node:crypto';
import type { FullSessionStore, MessageData, SessionChange } from '@sess/core/store';
import { SessError } from '@sess/core/store';

/** A prefix that no other test uses. */
export function freshPrefix(): string {
  return `test-${randomUUID()}:`;
}

export function user(text: string): MessageData {
  return { role: 'user', content: [{ text }] };
}

export function creation(changeId: string, messages: MessageData[] = []): SessionChange {
  return { changeId, life: null, threads: { main: { base: null, keep: 0, append: messages } } };
}

/** Appends messages to the thread `main`, whose version it reads before. */
export async function appendTo(
  store: FullSessionStore,
  sessionId: string,
  changeId: string,
  ...messages: MessageData[]
): Promise<void> {
  const record = await store.get(sessionId, { last: 0 });
  if (record === undefined) throw new Error(`session ${sessionId} is gone`);
  const main = { base: record.versions.threads.main ?? null, keep: record.lengths.main ?? 0, append: messages };
  await store.commit(sessionId, { changeId, life: record.life, seen: record.changes, threads: { main } });
}

/** The error that it rejects with. */
export async function errorOf(promise: Promise<unknown>): Promise<SessError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!SessError.is(error)) throw new Error(`expected a SessError, got ${error}`);
  return error;
}
