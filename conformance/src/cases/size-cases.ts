import type { MessageData } from '@sess/core/store';
import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { content, messages, read, user } from './sample.ts';

const KB = 1024;
const MB = 1024 * KB;

/** SIZE: large sessions. */
export const sizeCases: readonly ConformanceCase[] = [
  ...[64 * KB, 400 * KB - 1024, 400 * KB + 1024].map((bytes, index) =>
    defineCase(`SIZE-1.${index + 1}`, `a message of ${Math.round(bytes / KB)} KB`, [], async ({ open, full }) => {
      const { store } = await open();
      if (full && isOverLimit(store.supports.maxMessageBytes, bytes)) return;
      const large = messageOf(bytes);
      const threads = { main: [user('before'), large, user('after')] };
      await store.save('a', { threads });
      equal(await content(store, 'a'), { threads }, 'get after save');
      if (!full) return;
      const before = await read(store, 'a');
      const base = before.versions.threads.main ?? null;
      await store.commit('a', {
        changeId: 'c1',
        life: before.life,
        threads: { main: { base, keep: 2, append: [large, user('end')] } },
      });
      equal(
        await content(store, 'a'),
        { threads: { main: [user('before'), large, large, user('end')] } },
        'get after commit',
      );
    }),
  ),
  defineCase('SIZE-1.4', 'a message of 100 KB of characters of four bytes', [], async ({ open, full }) => {
    const { store } = await open();
    if (full && isOverLimit(store.supports.maxMessageBytes, 100 * KB)) return;
    const threads = { main: [user('\u{1f600}'.repeat(25 * KB)), user('after')] };
    await store.save('a', { threads });
    equal(await content(store, 'a'), { threads }, 'get after save');
  }),
  defineCase(
    'SIZE-2.1',
    'a message of 16 MB',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      const large = messageOf(16 * MB);
      const change = { changeId: 'c1', life: null, threads: { main: { base: null, keep: 0, append: [large] } } };
      if (isOverLimit(store.supports.maxMessageBytes, 16 * MB)) {
        await rejects(store.commit('a', change), 'TOO_LARGE', 'a message above supports.maxMessageBytes');
        equal(await store.get('a'), undefined, 'get after the creation was refused');
        return;
      }
      await store.commit('a', change);
      equal((await read(store, 'a')).threads, { main: [large] }, 'get after commit');
    },
    { timeoutMs: 120_000 },
  ),
  defineCase(
    'SIZE-2.2',
    'the limit that the store claims is exact',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      const limit = store.supports.maxMessageBytes;
      if (limit === undefined) return;
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        threads: { main: { base: null, keep: 0, append: [messageOf(limit)] } },
      });
      const before = await read(store, 'a');
      equal(before.threads, { main: [messageOf(limit)] }, 'get of a message of just the largest size');
      const threads = { side: { base: null, keep: 0, append: [user('fine'), messageOf(limit + 1)] } };
      await rejects(
        store.commit('a', { changeId: 'c2', life: 'c1', threads }),
        'TOO_LARGE',
        'commit of a message of one byte more',
      );
      await rejects(
        store.save('a', { threads: { main: [messageOf(limit + 1)] } }),
        'TOO_LARGE',
        'save of a message of one byte more',
      );
      equal(await read(store, 'a'), before, 'get after what was refused');
    },
    { timeoutMs: 120_000 },
  ),
  defineCase(
    'SIZE-3.1',
    'a thread of 10,000 messages',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      await store.commit('a', { changeId: 'c0', life: null });
      const all = Array.from({ length: 10_000 }, (_, index) => user(`message ${index} ${'x'.repeat(index % 90)}`));
      for (let part = 0; part < 10; part += 1) {
        const base = part === 0 ? null : `c${part}`;
        const append = all.slice(part * 1000, (part + 1) * 1000);
        await store.commit('a', {
          changeId: `c${part + 1}`,
          life: 'c0',
          threads: { main: { base, keep: part * 1000, append } },
        });
      }
      equal((await read(store, 'a')).threads, { main: all }, 'get of all 10,000 messages');
      for (const [before, last] of [
        [10_000, 20],
        [5_000, 100],
        [64, 1_000],
        [9_999, 1],
      ] as const) {
        const page = await store.get('a', { before, last });
        const start = Math.max(0, before - last);
        equal(page?.threads, { main: all.slice(start, before) }, `get with before: ${before}, last: ${last}`);
        equal(page?.partial, { offsets: { main: start } }, `partial with before: ${before}, last: ${last}`);
      }
      await store.commit('a', {
        changeId: 'd1',
        life: 'c0',
        threads: { main: { base: 'c10', keep: 9_000, append: [user('edited')] } },
      });
      const record = await store.get('a', { last: 2 });
      equal(
        [record?.threads, record?.lengths],
        [{ main: [all[8_999], user('edited')] }, { main: 9_001 }],
        'the end of the thread after an edit',
      );
      equal(
        (await read(store, 'a')).threads,
        { main: [...all.slice(0, 9_000), user('edited')] },
        'the whole thread after an edit',
      );
    },
    { timeoutMs: 120_000 },
  ),
  defineCase('SIZE-4.1', 'a state of 1 MB', [], async ({ open, full }) => {
    const { store } = await open();
    const state = { rows: Array.from({ length: 1024 }, (_, index) => `${index}:${'x'.repeat(1016)}`) };
    await store.save('a', { state });
    equal(await content(store, 'a'), { state, threads: {} }, 'get after save');
    if (!full) return;
    await store.commit('b', { changeId: 'c1', life: null, state: { base: null, value: state } });
    await store.commit('b', { changeId: 'c2', life: 'c1', state: { base: 'c1', value: { small: true } } });
    equal((await read(store, 'b')).state, { small: true }, 'a small state after a large one');
  }),
  defineCase('SIZE-5.1', 'a change that appends 1,000 messages', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 3) } },
    });
    await store.commit('a', {
      changeId: 'c2',
      life: 'c1',
      threads: { main: { base: 'c1', keep: 2, append: messages(2, 1_002) } },
    });
    equal((await read(store, 'a')).threads, { main: messages(0, 1_002) }, 'get after the change');
  }),
  defineCase('SIZE-5.2', 'a change that touches 100 threads', ['full'], async ({ open }) => {
    const { store } = await open();
    const names = Array.from({ length: 100 }, (_, index) => `thread ${index}`);
    const all = <T>(value: T) => Object.fromEntries(names.map((name) => [name, value]));
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: all({ base: null, keep: 0, append: messages(0, 2) }),
    });
    await store.commit('a', {
      changeId: 'c2',
      life: 'c1',
      threads: all({ base: 'c1', keep: 1, append: messages(5, 7) }),
    });
    const record = await read(store, 'a');
    equal(record.threads, all([...messages(0, 1), ...messages(5, 7)]), 'threads after the change');
    equal(record.versions.threads, all('c2'), 'versions after the change');
    const { parts } = await rejects(
      store.commit('a', { changeId: 'x', life: 'c1', threads: all({ base: 'c1', keep: 0, append: [] }) }),
      'CONFLICT',
      'a change of 100 stale bases',
    );
    equal(parts, { threads: all({ version: 'c2', length: 3 }) }, 'parts of a conflict of 100 threads');
    ok(
      (await store.delete('a')) && (await store.get('a')) === undefined,
      'a session of 100 threads must be deleted whole',
    );
  }),
];

/** A message of exactly so many bytes of JSON, whose text does not repeat itself. */
function messageOf(bytes: number): MessageData {
  const frame = JSON.stringify(user('')).length;
  const length = bytes - frame;
  const pattern = Array.from({ length: 997 }, (_, index) => String.fromCharCode(97 + ((index * 7) % 26))).join('');
  return user(pattern.repeat(Math.ceil(length / pattern.length)).slice(0, length));
}

function isOverLimit(limit: number | undefined, bytes: number): boolean {
  return limit !== undefined && limit < bytes;
}
