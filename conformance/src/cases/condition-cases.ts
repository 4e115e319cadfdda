import type { FullSessionStore } from '@sess/core/store';
import { equal, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { messages, onThread, read, turn } from './sample.ts';

/** COMMIT: the conditions of a change. */
export const conditionCases: readonly ConformanceCase[] = [
  defineCase('COMMIT-6.1', 'a stale base of a thread conflicts', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    await store.commit('a', {
      changeId: 'c2',
      life: 'c1',
      threads: { main: { base: 'c1', keep: 2, append: messages(2, 3) } },
    });
    const before = await read(store, 'a');
    for (const base of ['c1', 'never', null]) {
      const change = {
        changeId: `stale-${base}`,
        life: 'c1',
        threads: { main: { base, keep: 2, append: messages(8, 9) } },
      };
      await rejects(store.commit('a', change), 'CONFLICT', `a change with base ${base} of a thread of version c2`);
    }
    equal(await read(store, 'a'), before, 'get after changes that were refused');
  }),
  defineCase(
    'COMMIT-6.2',
    'null is the base of an absent thread, also after others were written',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      await fill(store);
      const change = (base: string | null) => ({
        changeId: 'c2',
        life: 'c1',
        threads: { fresh: { base, keep: 0, append: messages(0, 1) } },
      });
      await rejects(store.commit('a', change('c1')), 'CONFLICT', 'a change with a base of an absent thread');
      await store.commit('a', change(null));
      equal((await read(store, 'a')).threads?.fresh, messages(0, 1), 'a thread that a change has created');
    },
  ),
  defineCase('COMMIT-6.3', 'a thread that was reset is not absent', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    await store.commit('a', { changeId: 'c2', life: 'c1', threads: { main: { base: 'c1', keep: 0, append: [] } } });
    const change = { changeId: 'c3', life: 'c1', threads: { main: { base: null, keep: 0, append: messages(0, 1) } } };
    await rejects(store.commit('a', change), 'CONFLICT', 'a change with base null of a thread that was reset');
  }),
  defineCase('COMMIT-7.1', 'a stale base of the state conflicts', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    await store.commit('a', { changeId: 'c2', life: 'c1', state: { base: 'c1', value: 2 } });
    for (const base of ['c1', 'never', null]) {
      const change = { changeId: `stale-${base}`, life: 'c1', state: { base, value: 3 } };
      await rejects(store.commit('a', change), 'CONFLICT', `a change with base ${base} of a state of version c2`);
    }
    equal((await read(store, 'a')).state, 2, 'the state after changes that were refused');
  }),
  defineCase(
    'COMMIT-7.2',
    'null is the base of a state that was never written, not of a cleared one',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      await store.commit('a', { changeId: 'c1', life: null });
      const change = (changeId: string, base: string | null, value?: number) => ({
        changeId,
        life: 'c1',
        state: { base, value },
      });
      await rejects(
        store.commit('a', change('x', 'c1', 1)),
        'CONFLICT',
        'a change with a base of a state that was never written',
      );
      await store.commit('a', change('c2', null, 1));
      await store.commit('a', change('c3', 'c2'));
      await rejects(
        store.commit('a', change('y', null, 1)),
        'CONFLICT',
        'a change with base null of a state that was cleared',
      );
      await store.commit('a', change('c4', 'c3', 2));
      equal((await read(store, 'a')).state, 2, 'the state after a change with the base of the cleared one');
    },
  ),
  defineCase('COMMIT-8.1', 'another life conflicts, and only the life is told', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    const change = {
      changeId: 'c2',
      life: 'other',
      state: { base: 'x', value: 1 },
      threads: { main: { base: 'x', keep: 9, append: [] } },
      holds: { side: 'x' },
    };
    const { parts } = await rejects(store.commit('a', change), 'CONFLICT', 'a change of another life');
    equal(parts, { life: { version: 'c1' } }, 'parts of a conflict of lives');
  }),
  defineCase('COMMIT-9.1', 'changes of different parts do not conflict', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    const seen = await read(store, 'a');
    await store.commit('a', { changeId: 'c2', life: 'c1', threads: onThread(seen, 'main', messages(2, 3)) });
    await store.commit('a', { changeId: 'c3', life: 'c1', threads: onThread(seen, 'side', messages(1, 2)) });
    await store.commit('a', { changeId: 'c4', life: 'c1', state: { base: seen.versions.state, value: 2 } });
    await store.commit('a', { changeId: 'c5', life: 'c1', threads: onThread(seen, 'fresh', messages(0, 1)) });
    await store.commit('a', { changeId: 'c6', life: 'c1', metadata: { x: 1 } });
    const { state, threads } = await read(store, 'a');
    equal(
      { state, threads },
      { state: 2, threads: { main: messages(0, 3), side: messages(0, 2), fresh: messages(0, 1) } },
      'the session after writers of different parts',
    );
  }),
  defineCase('COMMIT-10.1', 'a conflict tells all parts that conflict, and no other', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    await store.commit('a', {
      changeId: 'c2',
      life: 'c1',
      state: { base: 'c1', value: 2 },
      threads: { main: { base: 'c1', keep: 2, append: messages(2, 3) } },
    });
    const conflict = async (fields: object, parts: object, what: string) => {
      const error = await rejects(store.commit('a', { changeId: 'x', life: 'c1', ...fields }), 'CONFLICT', what);
      equal(error.parts, parts, `parts of a conflict: ${what}`);
    };
    const stale = { base: 'c1', keep: 0, append: [] };
    await conflict({ threads: { main: stale } }, { threads: { main: { version: 'c2', length: 3 } } }, 'one thread');
    await conflict({ state: { base: 'c1', value: 1 } }, { state: { version: 'c2' } }, 'the state');
    await conflict(
      { threads: { gone: stale } },
      { threads: { gone: { version: null, length: 0 } } },
      'an absent thread',
    );
    await conflict(
      { state: { base: null, value: 1 }, threads: { main: stale, side: stale, gone: stale } },
      { state: { version: 'c2' }, threads: { main: { version: 'c2', length: 3 }, gone: { version: null, length: 0 } } },
      'state and two of three threads',
    );
  }),
  defineCase('COMMIT-11.1', 'of a change that conflicts in one part nothing lands', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    const before = await read(store, 'a');
    const right = { base: 'c1', keep: 1, append: messages(7, 9), turn: turn('t9') };
    const wrong = { base: 'stale', keep: 0, append: messages(5, 6) };
    const everything = { life: 'c1', state: { base: 'c1', value: 'new' }, metadata: { title: 'new' } };
    await rejects(
      store.commit('a', { changeId: 'x1', ...everything, threads: { main: right, side: wrong } }),
      'CONFLICT',
      'a change with one stale base of two',
    );
    await rejects(
      store.commit('a', { changeId: 'x2', ...everything, threads: { main: wrong, side: right } }),
      'CONFLICT',
      'a change with the other base stale',
    );
    await rejects(
      store.commit('a', { changeId: 'x3', ...everything, threads: { main: right }, state: { base: null, value: 1 } }),
      'CONFLICT',
      'a change with a stale base of the state',
    );
    await rejects(
      store.commit('a', { changeId: 'x4', ...everything, threads: { main: right }, holds: { side: 'closed' } }),
      'CONFLICT',
      'a change with a hold that failed',
    );
    await rejects(
      store.commit('a', { changeId: 'x5', ...everything, threads: { main: right, side: { ...right, keep: 9 } } }),
      'INVALID_ARGUMENT',
      'a change that keeps beyond an end',
    );
    equal(
      await read(store, 'a'),
      before,
      'get after changes that were refused',
      'parts are written one by one: write them all in one step',
    );
  }),
  defineCase('COMMIT-12.1', 'keeping beyond the end is refused', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    const before = await read(store, 'a');
    const keep = (thread: string, base: string | null, count: number) =>
      store.commit('a', {
        changeId: 'x',
        life: 'c1',
        threads: { [thread]: { base, keep: count, append: messages(0, 1) } },
      });
    await rejects(keep('main', 'c1', 3), 'INVALID_ARGUMENT', 'keep: 3 of 2 messages');
    await rejects(keep('fresh', null, 1), 'INVALID_ARGUMENT', 'keep: 1 of an absent thread');
    const creation = { changeId: 'x', life: null, threads: { main: { base: null, keep: 1, append: [] } } };
    await rejects(store.commit('b', creation), 'INVALID_ARGUMENT', 'keep: 1 in a creation');
    equal(await store.get('b'), undefined, 'get after the creation was refused');
    equal(await read(store, 'a'), before, 'get after changes that were refused');
  }),
  defineCase('COMMIT-12.2', 'a conflict is told before a keep beyond the end', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    const one = { main: { base: 'stale', keep: 99, append: [] } };
    await rejects(
      store.commit('a', { changeId: 'x', life: 'c1', threads: one }),
      'CONFLICT',
      'a stale base with a keep beyond the end',
    );
    const two = { main: { base: 'c1', keep: 99, append: [] }, side: { base: 'stale', keep: 0, append: [] } };
    await rejects(
      store.commit('a', { changeId: 'x', life: 'c1', threads: two }),
      'CONFLICT',
      'a keep beyond the end beside a stale base',
    );
  }),
  ...staleBaseCases(),
];

/** Session `a` of life `c1`: state 1, two messages in `main`, one in `side`. */
async function fill(store: FullSessionStore): Promise<void> {
  await store.commit('a', {
    changeId: 'c1',
    life: null,
    state: { base: null, value: 1 },
    threads: {
      main: { base: null, keep: 0, append: messages(0, 2) },
      side: { base: null, keep: 0, append: messages(0, 1) },
    },
  });
}

function staleBaseCases(): ConformanceCase[] {
  const refuseAll = async (store: FullSessionStore, what: string) => {
    const before = await read(store, 'a');
    for (const life of new Set(['c1', before.life])) {
      const thread = { changeId: 'stale-1', life, threads: { main: { base: 'c1', keep: 0, append: messages(5, 6) } } };
      await rejects(
        store.commit('a', thread),
        'CONFLICT',
        `a change of a thread with a base from before the session ${what}`,
      );
      const state = { changeId: 'stale-2', life, state: { base: 'c1', value: 'stale' } };
      await rejects(
        store.commit('a', state),
        'CONFLICT',
        `a change of the state with a base from before the session ${what}`,
      );
    }
    equal(await read(store, 'a'), before, 'get after changes that were refused');
  };
  const again = (changeId: string) => ({
    changeId,
    life: null,
    state: { base: null, value: 1 },
    threads: { main: { base: null, keep: 0, append: messages(0, 2) } },
  });
  return [
    defineCase('COMMIT-18.1', 'a base from before delete and creation', ['full'], async ({ open }) => {
      const { store } = await open();
      await fill(store);
      await store.delete('a');
      await store.commit('a', again('d1'));
      await refuseAll(store, 'was deleted and created again');
    }),
    defineCase('COMMIT-18.2', 'a base from before save', ['full'], async ({ open }) => {
      const { store } = await open();
      await fill(store);
      await store.save('a', { state: 1, threads: { main: messages(0, 2) } });
      await refuseAll(store, 'was saved');
    }),
    defineCase('COMMIT-18.3', 'a base from before delete and save', ['full'], async ({ open }) => {
      const { store } = await open();
      await fill(store);
      await store.delete('a');
      await store.save('a', { state: 1, threads: { main: messages(0, 2) } });
      await refuseAll(store, 'was deleted and saved');
    }),
    defineCase('COMMIT-18.4', 'a base from before a reset that was filled again', ['full'], async ({ open }) => {
      const { store } = await open();
      await fill(store);
      await store.commit('a', {
        changeId: 'c2',
        life: 'c1',
        state: { base: 'c1', value: undefined },
        threads: { main: { base: 'c1', keep: 0, append: [] } },
      });
      await store.commit('a', {
        changeId: 'c3',
        life: 'c1',
        state: { base: 'c2', value: 1 },
        threads: { main: { base: 'c2', keep: 0, append: messages(0, 2) } },
      });
      await refuseAll(store, 'was reset and filled again');
    }),
    defineCase('COMMIT-18.5', 'a base from before expiry and creation', ['full', 'ttl'], async ({ open, time }) => {
      const clock = time();
      const { store } = await open({ ttl: clock.exact ? 60_000 : 400, time: clock });
      await fill(store);
      const { ttl } = store.supports;
      const { expiresAt = 0 } = await read(store, 'a');
      await clock.until(expiresAt + (ttl === false ? 0 : ttl.granularityMs) + (clock.exact ? 0 : 50));
      await store.commit('a', again('d1'));
      await refuseAll(store, 'had expired and was created again');
    }),
    defineCase('COMMIT-18.6', 'a base null from before save created the part', ['full'], async ({ open }) => {
      const { store } = await open();
      await store.commit('a', { changeId: 'c1', life: null });
      await store.save('a', { state: 1, threads: { main: messages(0, 1) } });
      const before = await read(store, 'a');
      const thread = { changeId: 'x', life: 'c1', threads: { main: { base: null, keep: 0, append: [] } } };
      await rejects(store.commit('a', thread), 'CONFLICT', 'a change with base null of a thread that save created');
      await rejects(
        store.commit('a', { changeId: 'y', life: 'c1', state: { base: null, value: 2 } }),
        'CONFLICT',
        'a change with base null of a state that save set',
      );
      equal(await read(store, 'a'), before, 'get after changes that were refused');
    }),
  ];
}
