import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { content, messages, model, onThread, read, turn, user } from './sample.ts';

/** SAVE: replacing a session. */
export const saveCases: readonly ConformanceCase[] = [
  defineCase('SAVE-1.1', 'fewer messages replace more', [], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { threads: { main: messages(0, 5) } });
    await store.save('a', { threads: { main: messages(0, 2) } });
    equal(
      await content(store, 'a'),
      { threads: { main: messages(0, 2) } },
      'get after a save of less',
      'save appends or merges: it must replace',
    );
  }),
  defineCase('SAVE-1.2', 'other content replaces as much', [], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: { name: 'Ada' }, threads: { main: messages(0, 2) } });
    await store.save('a', { state: { name: 'Bob' }, threads: { main: messages(2, 4) } });
    equal(
      await content(store, 'a'),
      { state: { name: 'Bob' }, threads: { main: messages(2, 4) } },
      'get after a second save',
    );
  }),
  defineCase('SAVE-1.3', 'what the data leaves out is gone', [], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: { old: true }, threads: { main: messages(0, 1), side: messages(0, 1) } });
    await store.save('a', { threads: { main: messages(0, 1) } });
    equal(
      await content(store, 'a'),
      { threads: { main: messages(0, 1) } },
      'get after a save without state and a thread',
      'save merges: it must replace',
    );
    await store.save('a', { state: { fresh: true } });
    equal(await content(store, 'a'), { state: { fresh: true }, threads: {} }, 'get after a save without threads');
  }),
  defineCase('SAVE-2.1', 'changing the data after save changes nothing stored', [], async ({ open }) => {
    const { store } = await open();
    const data = { state: { list: [1] }, threads: { main: [user('hello')] } };
    const expected = structuredClone(data);
    await store.save('a', data);
    data.state.list.push(2);
    data.threads.main.push(user('smuggled'));
    Object.assign(data.threads.main[0] ?? {}, { role: 'system' });
    equal(
      await content(store, 'a'),
      expected,
      'get after the saved data was changed',
      'the given object itself is kept: store a copy',
    );
  }),
  defineCase('SAVE-3.1', 'what get answered can be saved', [], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: { count: 1 }, threads: { main: messages(0, 1) } });
    const data = await read(store, 'a');
    data.threads?.main?.push(model('more'));
    await store.save('a', data);
    equal(
      await content(store, 'a'),
      { state: { count: 1 }, threads: { main: [...messages(0, 1), model('more')] } },
      'get after save of what get answered',
    );
  }),
  defineCase('SAVE-3.2', 'bookkeeping in the data is ignored, and is no condition', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 1), turn: turn('t1') } },
    });
    const stale = await read(store, 'a');
    await store.commit('a', { changeId: 'c2', life: 'c1', threads: onThread(stale, 'main', messages(1, 2)) });
    const forged = {
      ...stale,
      life: 'forged',
      versions: { state: 'x', threads: { main: 'y', ghost: 'z' } },
      lengths: { main: 99 },
      changes: 99,
      createdAt: 1,
      updatedAt: 1,
      expiresAt: 1,
      owner: 'forged',
      recent: ['c1'],
    };
    await store.save('a', forged);
    const record = await read(store, 'a');
    equal(record.threads, { main: messages(0, 1) }, 'threads after save of a stale record');
    const { life, lengths, changes, createdAt, owner, expiresAt } = record;
    const expected = { life: 'c1', lengths: { main: 1 }, changes: 3, createdAt: stale.createdAt };
    equal(
      { life, lengths, changes, createdAt, owner, expiresAt },
      expected,
      'bookkeeping after save of a forged record',
    );
    ok(
      !Object.hasOwn(record.versions.threads, 'ghost'),
      'versions must not hold a thread that was only in the bookkeeping',
    );
  }),
  defineCase('SAVE-4.1', 'life, owner and creation time stay', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada' });
    const before = await read(store, 'a');
    await store.save('a', { state: 1 });
    const { life, owner, createdAt, changes } = await read(store, 'a');
    equal(
      { life, owner, createdAt, changes },
      { life: 'c1', owner: 'ada', createdAt: before.createdAt, changes: 2 },
      'the record after save',
    );
  }),
  defineCase(
    'SAVE-5.1',
    'metadata stays where the data has none, and is replaced where it has some',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      const metadata = async () => (await read(store, 'a')).metadata;
      await store.commit('a', { changeId: 'c1', life: null, metadata: { title: 'old', label: 'x' } });
      await store.save('a', { state: 1 });
      equal(await metadata(), { title: 'old', label: 'x' }, 'metadata after save without metadata');
      await store.save('a', { state: 1, metadata: { title: 'new' } } as never);
      equal(await metadata(), { title: 'new' }, 'metadata after save with metadata');
      await store.save('a', { state: 1, metadata: {} } as never);
      equal(await metadata(), undefined, 'metadata after save with empty metadata');
    },
  ),
  defineCase('SAVE-6.1', 'every part gets a new version, what is left out has none', ['full'], async ({ open }) => {
    const { store } = await open();
    const threads = {
      main: { base: null, keep: 0, append: messages(0, 1) },
      side: { base: null, keep: 0, append: [] },
    };
    await store.commit('a', { changeId: 'c1', life: null, state: { base: null, value: 1 }, threads });
    await store.save('a', { state: 1, threads: { main: messages(0, 1) } });
    const { versions, lengths } = await read(store, 'a');
    ok(typeof versions.state === 'string' && versions.state !== 'c1', 'save must give the state a new version');
    const main = versions.threads.main;
    ok(typeof main === 'string' && main !== 'c1', 'save must give each thread a new version');
    equal(Object.keys(versions.threads), ['main'], 'threads with a version after save');
    equal(lengths, { main: 1 }, 'lengths after save');
    await store.save('a', { threads: { main: messages(0, 1) } });
    const second = (await read(store, 'a')).versions;
    equal(second.state, null, 'the version of a state that save left out');
    ok(second.threads.main !== main, 'each save must give a thread a version of its own');
  }),
  defineCase('SAVE-7.1', 'open turns are closed', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: [], turn: turn('t1') } },
    });
    await store.save('a', { threads: { main: messages(0, 1) } });
    equal((await read(store, 'a')).openTurns, undefined, 'openTurns after save');
  }),
  defineCase('SAVE-8.1', 'a session that is not there is created', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: 1 });
    const first = await read(store, 'a');
    ok(typeof first.life === 'string' && first.life !== '', 'save must give a new session a life');
    equal(
      { owner: first.owner, changes: first.changes },
      { owner: undefined, changes: 1 },
      'the record after the first save',
    );
    await store.save('b', { state: 1 });
    ok((await read(store, 'b')).life !== first.life, 'the lives of two sessions must differ');
    await store.commit('a', { changeId: 'c1', life: first.life, state: { base: first.versions.state, value: 2 } });
    equal((await read(store, 'a')).state, 2, 'the state after a commit to what save created');
  }),
  defineCase('SAVE-9.1', 'data that was read in part is refused', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: 1, threads: { main: messages(0, 5) } });
    const before = await read(store, 'a');
    for (const range of [{ last: 2 }, { threads: ['main'] }, { before: 2 }]) {
      const part = await store.get('a', range);
      await rejects(
        store.save('a', part as never),
        'INVALID_ARGUMENT',
        `save of what was read with ${JSON.stringify(range)}`,
      );
    }
    equal(await read(store, 'a'), before, 'get after saves that were refused');
  }),
  defineCase('SAVE-9.2', 'malformed data is refused', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: 1 });
    const before = await read(store, 'a');
    const malformed = [
      undefined,
      null,
      'text',
      [],
      { threads: [] },
      { threads: { main: {} } },
      { threads: { main: ['text'] } },
      { threads: { main: [null] } },
      { threads: { main: new Array(1) } },
      { metadata: 'text' },
      { metadata: [] },
    ];
    for (const data of malformed) {
      await rejects(store.save('a', data as never), 'INVALID_ARGUMENT', `save of ${JSON.stringify(data)}`);
    }
    equal(await read(store, 'a'), before, 'get after saves that were refused');
  }),
];
