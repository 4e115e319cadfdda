import { randomUUID } from 'node:crypto';
import type { FullSessionStore, MessageData, SessionChange, SessionRecord } from '@sess/core/store';
import { own, SessError } from '@sess/core/store';

export function message(text: string, bytes = 0): MessageData {
  return { role: 'user', content: [{ text: text.padEnd(bytes, '.') }] };
}

/** The texts of a thread's messages, without padding. */
export function textsOf(record: SessionRecord | undefined, thread = 'main'): string[] {
  return (own(record?.threads, thread) ?? []).map(({ content }) => (content[0]?.text ?? '').replace(/\.+$/, ''));
}

/** A change that appends to a session as it was read; undefined: that creates it. */
export function appending(record: SessionRecord | undefined, messages: MessageData[], thread = 'main'): SessionChange {
  return {
    changeId: randomUUID(),
    life: record?.life ?? null,
    ...(record && { seen: record.changes }),
    threads: {
      [thread]: {
        base: own(record?.versions.threads, thread) ?? null,
        keep: own(record?.lengths, thread) ?? 0,
        append: messages,
      },
    },
  };
}

/** A change that replaces the state. */
export function settingState(record: SessionRecord | undefined, value: unknown): SessionChange {
  return {
    changeId: randomUUID(),
    life: record?.life ?? null,
    state: { base: record?.versions.state ?? null, value },
  };
}

/** Reads and appends until no other writer comes in between. */
export async function append(
  store: FullSessionStore,
  id: string,
  messages: MessageData[],
  thread = 'main',
): Promise<void> {
  for (;;) {
    const record = await store.get(id, { last: 0 });
    try {
      await store.commit(id, appending(record, messages, thread));
      return;
    } catch (error) {
      if (!SessError.is(error, 'CONFLICT') && !SessError.is(error, 'ALREADY_EXISTS')) throw error;
    }
  }
}

/** The error that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<SessError> {
  const value = await promise.then(
    (result) => new Error(`It resolved to ${JSON.stringify(result)?.slice(0, 200)}.`),
    (error) => error,
  );
  if (SessError.is(value)) return value;
  throw value;
}
