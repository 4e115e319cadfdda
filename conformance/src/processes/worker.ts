// The program of a forked process: opens the target, waits at the start gate, and does its task.
import { type FullSessionStore, SessError } from '@sess/core/store';
import { closeOpened } from '../close-opened.ts';
import { describeError } from '../describe-value.ts';
import { loadTarget } from '../load-target.ts';
import { type Task, textOf, type WorkerMessage, type WorkerOptions } from './task.ts';

const { targetUrl, space, task } = JSON.parse(process.argv[2] ?? '') as WorkerOptions;

try {
  const target = await loadTarget(new URL(targetUrl));
  const opened = await target.open({ space });
  const store = opened.store as FullSessionStore;
  await store.get('warm-up');
  const gate = new Promise((resolve) => process.once('message', resolve));
  tell({ kind: 'ready' });
  await gate;
  if (task.kind === 'append') await append(store, task);
  else await create(store, task);
  await closeOpened(opened);
  tell({ kind: 'done' });
} catch (error) {
  tell({ kind: 'failed', reason: describeError(error) });
}
process.disconnect();

async function append(
  store: FullSessionStore,
  { sessionId, thread, writer, count, textLength }: Task & { kind: 'append' },
) {
  for (let number = 1; count === null || number <= count; number += 1) {
    const name = `${writer}.${number}`;
    const messages = ['user', 'model'].map((role) => ({
      role: role as 'user' | 'model',
      content: [{ text: textOf(`${name}.${role}`, textLength) }],
    }));
    for (let attempt = 1; ; attempt += 1) {
      const record = await store.get(sessionId, { last: 0 });
      if (record === undefined) throw new Error(`session ${sessionId} is gone`);
      const base = record.versions.threads[thread] ?? null;
      const keep = record.lengths[thread] ?? 0;
      try {
        const changeId = `${name}.${attempt}`;
        await store.commit(sessionId, {
          changeId,
          life: record.life,
          threads: { [thread]: { base, keep, append: messages } },
        });
        tell({ kind: 'landed', name });
        break;
      } catch (error) {
        if (!SessError.is(error, 'CONFLICT')) throw error;
      }
    }
  }
}

async function create(store: FullSessionStore, { sessionIds, writer }: Task & { kind: 'create' }) {
  for (const sessionId of sessionIds) {
    try {
      await store.commit(sessionId, {
        changeId: `${writer}.${sessionId}`,
        life: null,
        state: { base: null, value: writer },
      });
      tell({ kind: 'landed', name: sessionId });
    } catch (error) {
      if (!SessError.is(error, 'ALREADY_EXISTS')) throw error;
    }
  }
}

function tell(message: WorkerMessage): void {
  process.send?.(message);
}
