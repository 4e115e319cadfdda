import type { FullSessionStore, MessageData, SessionChange } from '@sess/core/store';
import { SessError } from '@sess/core/store';

export function user(text: string): MessageData {
  return { role: 'user', content: [{ text }] };
}

export function users(count: number, from = 0): MessageData[] {
  return Array.from({ length: count }, (_, index) => user(`m${from + index}`));
}

export function creation(changeId: string, messages: MessageData[] = []): SessionChange {
  return { changeId, life: null, threads: { main: { base: null, keep: 0, append: messages } } };
}

/** A change of the thread `main` as it is now: keeps the first messages (default: all), and appends. */
export async function changeOfMain(
  store: FullSessionStore,
  sessionId: string,
  changeId: string,
  { keep, append = [] }: { keep?: number; append?: MessageData[] },
): Promise<SessionChange> {
  const record = await store.get(sessionId, { last: 0 });
  if (record === undefined) throw new Error(`session ${sessionId} is gone`);
  const base = record.versions.threads.main ?? null;
  const main = { base, keep: keep ?? record.lengths.main ?? 0, append };
  return { changeId, life: record.life, seen: record.changes, threads: { main } };
}

export async function appendTo(
  store: FullSessionStore,
  sessionId: string,
  changeId: string,
  ...append: MessageData[]
): Promise<void> {
  await store.commit(sessionId, await changeOfMain(store, sessionId, changeId, { append }));
}

export async function textsOf(store: FullSessionStore, sessionId: string, thread = 'main'): Promise<string[]> {
  const record = await store.get(sessionId);
  return (record?.threads?.[thread] ?? []).map(({ content }) => content[0]?.text ?? '');
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
