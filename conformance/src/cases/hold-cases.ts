import { equal, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { messages, read, turn } from './sample.ts';

/** HOLD: open turns. */
export const holdCases: readonly ConformanceCase[] = [
  defineCase('HOLD-1.1', 'a turn is opened and replaced', ['full'], async ({ open }) => {
    const { store } = await open();
    const main = { base: null, keep: 0, append: messages(0, 1), turn: turn('t1', 5) };
    await store.commit('a', { changeId: 'c1', life: null, threads: { main } });
    equal((await read(store, 'a')).openTurns, { main: turn('t1', 5) }, 'openTurns after a turn was opened');
    await store.commit('a', {
      changeId: 'c2',
      life: 'c1',
      threads: {
        main: { base: 'c1', keep: 1, append: [], turn: turn('t2', 9) },
        side: { base: null, keep: 0, append: [], turn: turn('t3') },
      },
    });
    equal(
      (await read(store, 'a')).openTurns,
      { main: turn('t2', 9), side: turn('t3') },
      'openTurns after one was replaced and one opened',
    );
  }),
  defineCase('HOLD-2.1', 'a turn is closed by null and by nothing else', ['full'], async ({ open }) => {
    const { store } = await open();
    const absent = { base: null, keep: 0, append: messages(0, 1) };
    await store.commit('a', { changeId: 'c0', life: null, threads: { main: absent } });
    equal((await read(store, 'a')).openTurns, undefined, 'openTurns of a session without any');
    await store.commit('a', {
      changeId: 'c1',
      life: 'c0',
      threads: { main: { base: 'c0', keep: 1, append: [], turn: turn('t1') } },
    });
    await store.commit('a', {
      changeId: 'c2',
      life: 'c0',
      threads: { main: { base: 'c1', keep: 1, append: messages(1, 2) } },
    });
    equal(
      (await read(store, 'a')).openTurns,
      { main: turn('t1') },
      'openTurns after a change of the thread that says nothing of the turn',
    );
    await store.commit('a', { changeId: 'c3', life: 'c0', state: { base: null, value: 1 } });
    equal((await read(store, 'a')).openTurns, { main: turn('t1') }, 'openTurns after a change of another part');
    await store.commit('a', {
      changeId: 'c4',
      life: 'c0',
      threads: { main: { base: 'c2', keep: 2, append: [], turn: null } },
    });
    equal((await read(store, 'a')).openTurns, undefined, 'openTurns after the only one was closed');
  }),
  defineCase('HOLD-3.1', 'a hold needs that very turn', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: {
        main: { base: null, keep: 0, append: messages(0, 2), turn: turn('t1') },
        side: { base: null, keep: 0, append: [] },
      },
    });
    const before = await read(store, 'a');
    const hold = async (holds: Record<string, string>, threads: object, what: string) => {
      const { parts } = await rejects(store.commit('a', { changeId: 'x', life: 'c1', holds }), 'CONFLICT', what);
      equal(parts, { threads }, `parts of a conflict: ${what}`);
    };
    const main = { version: 'c1', length: 2 };
    await hold({ main: 't2' }, { main }, 'a hold of another turn');
    await hold({ side: 't1' }, { side: { version: 'c1', length: 0 } }, 'a hold of a thread without an open turn');
    await hold({ gone: 't1' }, { gone: { version: null, length: 0 } }, 'a hold of an absent thread');
    await hold({ main: 't1', side: 't1' }, { side: { version: 'c1', length: 0 } }, 'one hold of two that fails');
    equal(await read(store, 'a'), before, 'get after changes that were refused');
    await store.commit('a', {
      changeId: 'c2',
      life: 'c1',
      threads: { main: { base: 'c1', keep: 2, append: messages(2, 3), turn: null } },
      holds: { main: 't1' },
    });
    await hold({ main: 't1' }, { main: { version: 'c2', length: 3 } }, 'a hold of a turn that was closed');
    await rejects(
      store.commit('b', { changeId: 'x', life: null, holds: { main: 't1' } }),
      'CONFLICT',
      'a creation with a hold',
    );
    equal(await store.get('b'), undefined, 'get after the creation was refused');
  }),
  defineCase(
    'HOLD-4.1',
    'a hold raises the beat of threads that the change does not touch',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      const opened = (id: string) => ({ base: null, keep: 0, append: [], turn: turn(id, 3) });
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        threads: { one: opened('t1'), two: opened('t2'), three: opened('t3') },
      });
      const beats = async () => {
        const { openTurns = {} } = await read(store, 'a');
        return Object.fromEntries(Object.entries(openTurns).map(([thread, { beat }]) => [thread, beat]));
      };
      await store.commit('a', { changeId: 'c2', life: 'c1', holds: { one: 't1' } });
      equal(await beats(), { one: 4, two: 3, three: 3 }, 'beats after one thread was held');
      await store.commit('a', {
        changeId: 'c3',
        life: 'c1',
        holds: { one: 't1', two: 't2' },
        threads: { two: { base: 'c1', keep: 0, append: messages(0, 1) } },
      });
      equal(await beats(), { one: 5, two: 3, three: 3 }, 'beats after one of two held threads was touched');
      await store.commit('a', { changeId: 'c4', life: 'c1', holds: { three: 't3' }, state: { base: null, value: 1 } });
      equal(await beats(), { one: 5, two: 3, three: 4 }, 'beats after a change of the state that holds a thread');
      await store.commit('a', { changeId: 'c5', life: 'c1', metadata: { x: 1 } });
      equal(await beats(), { one: 5, two: 3, three: 4 }, 'beats after a change without holds');
      await store.commit('a', {
        changeId: 'c6',
        life: 'c1',
        holds: { one: 't1' },
        threads: { one: { base: 'c1', keep: 0, append: [], turn: turn('t9', 0) } },
      });
      equal(await beats(), { one: 0, two: 3, three: 4 }, 'beats after a held turn was replaced');
    },
  ),
  defineCase('HOLD-5.1', 'a change that only holds leaves versions and updatedAt', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      state: { base: null, value: 1 },
      threads: { main: { base: null, keep: 0, append: messages(0, 1), turn: turn('t1') } },
    });
    const before = await read(store, 'a');
    await store.commit('a', { changeId: 'c2', life: 'c1', holds: { main: 't1' } });
    equal(
      await read(store, 'a'),
      { ...before, changes: 2, openTurns: { main: turn('t1', 1) } },
      'the record after a change that only holds',
    );
  }),
];
