import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { content, messages, onThread, read, turn, user } from './sample.ts';

/** COMMIT: what a change does. Its conditions have a file of their own. */
export const commitCases: readonly ConformanceCase[] = [
  defineCase('COMMIT-1.1', 'a session is created once', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null, state: { base: null, value: 1 } });
    const before = await read(store, 'a');
    equal(before.life, 'c1', 'the life of a new session');
    await rejects(
      store.commit('a', { changeId: 'c2', life: null, state: { base: null, value: 2 } }),
      'ALREADY_EXISTS',
      'a second creation',
    );
    equal(await read(store, 'a'), before, 'get after a second creation was refused');
  }),
  defineCase('COMMIT-1.2', 'a session that was saved is there', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: 1 });
    await rejects(
      store.commit('a', { changeId: 'c1', life: null }),
      'ALREADY_EXISTS',
      'creation of a session that was saved',
    );
  }),
  defineCase('COMMIT-2.1', 'a session that is not there is not created by the way', ['full'], async ({ open }) => {
    const { store } = await open();
    const change = { changeId: 'c2', life: 'c1', threads: { main: { base: null, keep: 0, append: messages(0, 1) } } };
    await rejects(store.commit('a', change), 'NOT_FOUND', 'a change of a session that is not there');
    equal(await store.get('a'), undefined, 'get after the change was refused');
  }),
  defineCase('COMMIT-3.1', 'append, edit, regenerate, reset', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c0',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 4) } },
    });
    let changes = 0;
    const change = async (keep: number, append: string[], expected: string[], what: string) => {
      const record = await read(store, 'a');
      changes += 1;
      await store.commit('a', {
        changeId: `c${changes}`,
        life: 'c0',
        threads: onThread(record, 'main', append.map(user), keep),
      });
      const after = await read(store, 'a');
      equal(after.threads, { main: expected.map(user) }, what, 'a change keeps the first messages, and then appends');
      equal(after.lengths, { main: expected.length }, `lengths after: ${what}`);
    };
    await change(4, ['more'], ['m0', 'm1', 'm2', 'm3', 'more'], 'the thread after an append');
    await change(2, ['edited'], ['m0', 'm1', 'edited'], 'the thread after an edit in the middle');
    await change(1, [], ['m0'], 'the thread after cutting its end off');
    await change(0, ['anew', 'and on'], ['anew', 'and on'], 'the thread after replacing all');
    await change(0, [], [], 'the thread after a reset');
    await change(0, ['again'], ['again'], 'the thread after appending to an empty one');
  }),
  defineCase('COMMIT-3.2', 'several threads in one change', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { threads: { one: messages(0, 3), two: messages(0, 3) } });
    const record = await read(store, 'a');
    await store.commit('a', {
      changeId: 'c1',
      life: record.life,
      threads: {
        ...onThread(record, 'one', messages(3, 4)),
        ...onThread(record, 'two', messages(8, 9), 1),
        ...onThread(record, 'three', messages(0, 1)),
      },
    });
    const expected = { one: messages(0, 4), two: [...messages(0, 1), ...messages(8, 9)], three: messages(0, 1) };
    equal((await read(store, 'a')).threads, expected, 'threads after a change of three');
  }),
  defineCase(
    'COMMIT-4.1',
    'touched parts have the version of the change, others keep theirs',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      const absent = { base: null, keep: 0, append: messages(0, 1) };
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        state: { base: null, value: 1 },
        threads: { one: absent, two: absent },
      });
      equal(
        (await read(store, 'a')).versions,
        { state: 'c1', threads: { one: 'c1', two: 'c1' } },
        'versions after the creation',
      );
      await store.commit('a', {
        changeId: 'c2',
        life: 'c1',
        threads: { one: { base: 'c1', keep: 1, append: messages(1, 2) } },
      });
      equal(
        (await read(store, 'a')).versions,
        { state: 'c1', threads: { one: 'c2', two: 'c1' } },
        'versions after a change of one thread',
      );
      await store.commit('a', { changeId: 'c3', life: 'c1', state: { base: 'c1', value: 2 } });
      equal(
        (await read(store, 'a')).versions,
        { state: 'c3', threads: { one: 'c2', two: 'c1' } },
        'versions after a change of the state',
      );
      await store.commit('a', { changeId: 'c4', life: 'c1', metadata: { title: 'x' } });
      equal(
        (await read(store, 'a')).versions,
        { state: 'c3', threads: { one: 'c2', two: 'c1' } },
        'versions after a change of the metadata',
      );
      await store.commit('a', { changeId: 'c5', life: 'c1', threads: { two: { base: 'c1', keep: 1, append: [] } } });
      equal(
        (await read(store, 'a')).versions,
        { state: 'c3', threads: { one: 'c2', two: 'c5' } },
        'versions after a change that appends nothing',
      );
    },
  ),
  defineCase('COMMIT-5.1', 'the state is replaced', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null, state: { base: null, value: { a: 1, b: 2 } } });
    await store.commit('a', { changeId: 'c2', life: 'c1', state: { base: 'c1', value: { b: 3 } } });
    equal(
      (await read(store, 'a')).state,
      { b: 3 },
      'the state after it was replaced',
      'the state is merged: it must be replaced',
    );
  }),
  defineCase('COMMIT-5.2', 'the state is cleared', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null, state: { base: null, value: 1 } });
    await store.commit('a', { changeId: 'c2', life: 'c1', state: { base: 'c1', value: undefined } });
    const { state, versions } = await read(store, 'a');
    equal(
      { state, versions },
      { state: undefined, versions: { state: 'c2', threads: {} } },
      'the record after its state was cleared',
    );
    await store.commit('a', { changeId: 'c3', life: 'c1', state: { base: 'c2', value: null } });
    equal((await read(store, 'a')).state, null, 'the state after it was set to null');
  }),
  defineCase('COMMIT-13.1', 'every applied change counts', ['full'], async ({ open }) => {
    const { store } = await open();
    const changes = async () => (await read(store, 'a')).changes;
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: [], turn: turn('t1') } },
    });
    equal(await changes(), 1, 'changes after the creation');
    await store.commit('a', { changeId: 'c2', life: 'c1', state: { base: null, value: 1 } });
    equal(await changes(), 2, 'changes after a change of the state');
    await store.commit('a', { changeId: 'c3', life: 'c1', metadata: { x: 1 } });
    equal(await changes(), 3, 'changes after a change of the metadata');
    await store.commit('a', { changeId: 'c4', life: 'c1' });
    equal(await changes(), 4, 'changes after an empty change');
    await store.commit('a', { changeId: 'c5', life: 'c1', holds: { main: 't1' } });
    equal(await changes(), 5, 'changes after a change that only holds');
  }),
  defineCase(
    'COMMIT-14.1',
    'updatedAt moves with state, threads and metadata only',
    ['full', 'ttl'],
    async ({ open, time }) => {
      const clock = time();
      const { store } = await open({ ttl: 3_600_000, time: clock });
      await store.commit('a', {
        changeId: 'c0',
        life: null,
        threads: { main: { base: null, keep: 0, append: [], turn: turn('t1') } },
      });
      const { createdAt } = await read(store, 'a');
      const step = async (moves: boolean, what: string, write: () => Promise<unknown>) => {
        const before = await read(store, 'a');
        await clock.until(before.updatedAt + 20);
        await write();
        const { updatedAt, createdAt: created } = await read(store, 'a');
        ok(updatedAt > before.updatedAt === moves, `updatedAt must ${moves ? 'move' : 'stay'} with ${what}`);
        equal(created, createdAt, `createdAt after ${what}`);
      };
      await step(true, 'a change of the state', () =>
        store.commit('a', { changeId: 'c1', life: 'c0', state: { base: null, value: 1 } }),
      );
      await step(false, 'an empty change', () => store.commit('a', { changeId: 'c2', life: 'c0' }));
      await step(false, 'a change that only holds', () =>
        store.commit('a', { changeId: 'c3', life: 'c0', holds: { main: 't1' } }),
      );
      await step(true, 'a change of metadata', () =>
        store.commit('a', { changeId: 'c4', life: 'c0', metadata: { x: 1 } }),
      );
      await step(true, 'a change of a thread', () =>
        store.commit('a', {
          changeId: 'c5',
          life: 'c0',
          threads: { main: { base: 'c0', keep: 0, append: messages(0, 1) } },
        }),
      );
      await step(true, 'save', () => store.save('a', { state: 2 }));
    },
  ),
  defineCase('COMMIT-14.2', 'createdAt and updatedAt stay with an empty change', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null });
    const { createdAt, updatedAt } = await read(store, 'a');
    await store.commit('a', { changeId: 'c2', life: 'c1' });
    const after = await read(store, 'a');
    equal([after.createdAt, after.updatedAt], [createdAt, updatedAt], 'createdAt and updatedAt after an empty change');
  }),
  defineCase('COMMIT-15.1', 'an empty change changes nothing but the count', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      owner: 'ada',
      state: { base: null, value: 1 },
      metadata: { x: 1 },
      threads: { main: { base: null, keep: 0, append: messages(0, 2), turn: turn('t1') } },
    });
    const before = await read(store, 'a');
    await store.commit('a', { changeId: 'c2', life: 'c1' });
    equal(await read(store, 'a'), { ...before, changes: 2 }, 'the record after an empty change');
  }),
  defineCase('COMMIT-16.1', 'the result names the change', ['full'], async ({ open }) => {
    const { store } = await open();
    equal(await store.commit('a', { changeId: 'c1', life: null }), { changeId: 'c1' }, 'the result of a creation');
    equal(
      await store.commit('a', { changeId: 'c2', life: 'c1', state: { base: null, value: 1 } }),
      { changeId: 'c2' },
      'the result of a change',
    );
  }),
  defineCase(
    'COMMIT-16.2',
    'the result tells the expiry that the record has',
    ['full', 'ttl'],
    async ({ open, time }) => {
      const { store } = await open({ ttl: 3_600_000, time: time() });
      const results = [await store.commit('a', { changeId: 'c1', life: null })];
      results.push(await store.commit('a', { changeId: 'c2', life: 'c1' }));
      const { expiresAt } = await read(store, 'a');
      ok(typeof expiresAt === 'number', 'a record of a store with ttl must have expiresAt');
      equal(results[1], { changeId: 'c2', expiresAt }, 'the result of a change');
      ok(typeof results[0]?.expiresAt === 'number', 'the result of a creation must have expiresAt');
    },
  ),
  defineCase('COMMIT-17.1', 'malformed changes are refused', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 2) } },
    });
    const before = await read(store, 'a');
    const thread = { base: 'c1', keep: 2, append: [] };
    const malformed: object[] = [
      { state: 'text' },
      { state: null },
      { threads: [] },
      { threads: { main: null } },
      { threads: { main: { ...thread, keep: -1 } } },
      { threads: { main: { ...thread, keep: 1.5 } } },
      { threads: { main: { ...thread, keep: '2' } } },
      { threads: { main: { ...thread, append: 'text' } } },
      { threads: { main: { ...thread, append: ['text'] } } },
      { threads: { main: { ...thread, append: new Array(1) } } },
      { threads: { main: { ...thread, turn: 'text' } } },
      { threads: { main: { ...thread, turn: { ...turn('t1'), leaseMs: '30' } } } },
      { threads: { main: { ...thread, turn: { ...turn('t1'), beat: -1 } } } },
      { metadata: 'text' },
      { metadata: [] },
      { holds: 't1' },
      { seen: -1 },
      { seen: '1' },
    ];
    for (const fields of malformed) {
      const change = { changeId: 'c2', life: 'c1', ...fields };
      await rejects(store.commit('a', change as never), 'INVALID_ARGUMENT', `commit of ${JSON.stringify(change)}`);
    }
    for (const change of [undefined, null, 'text', []]) {
      await rejects(store.commit('a', change as never), 'INVALID_ARGUMENT', `commit of ${JSON.stringify(change)}`);
    }
    equal(await read(store, 'a'), before, 'get after changes that were refused');
  }),
  defineCase('COMMIT-19.1', 'changing the change after commit changes nothing stored', ['full'], async ({ open }) => {
    const { store } = await open();
    const change = {
      changeId: 'c1',
      life: null,
      state: { base: null, value: { list: [1] } },
      metadata: { labels: ['x'] },
      threads: { main: { base: null, keep: 0, append: messages(0, 1), turn: turn('t1') } },
    };
    await store.commit('a', change);
    const before = structuredClone(await read(store, 'a'));
    change.state.value.list.push(2);
    change.metadata.labels.push('y');
    Object.assign(change.threads.main.append[0] ?? {}, { role: 'system' });
    change.threads.main.turn.beat = 99;
    equal(
      await read(store, 'a'),
      before,
      'get after the committed change was changed',
      'the given object itself is kept: store a copy',
    );
  }),
  defineCase('COMMIT-19.2', 'what is changed while commit is under way is not stored', ['full'], async ({ open }) => {
    const { store } = await open();
    const change = { changeId: 'c1', life: null, state: { base: null, value: { list: [1] } } };
    const under = store.commit('a', change);
    change.state.value.list.push(2);
    change.changeId = 'c2';
    equal((await under).changeId, 'c1', 'changeId of the result of a change that was changed under way');
    equal(
      await content(store, 'a'),
      { state: { list: [1] }, threads: {} },
      'get after the change was changed under way',
      'the change is copied after the first await: copy it at once',
    );
  }),
];
