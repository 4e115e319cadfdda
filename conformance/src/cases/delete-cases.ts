import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { messages, read, turn, user } from './sample.ts';

/** DELETE: removing a session. */
export const deleteCases: readonly ConformanceCase[] = [
  defineCase('DELETE-1.1', 'a session is gone after delete', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: 1, threads: { main: messages(0, 3) } });
    await store.save('b', { state: 2 });
    equal(await store.delete('a'), true, 'delete of a session that is there');
    equal(await store.get('a'), undefined, 'get after delete');
    equal(await store.get('a', { last: 1 }), undefined, 'get of a part after delete');
    equal((await read(store, 'b')).state, 2, 'another session after delete');
  }),
  defineCase('DELETE-2.1', 'there is nothing to delete', ['full'], async ({ open }) => {
    const { store } = await open();
    equal(await store.delete('a'), false, 'delete of a session that never was');
    await store.save('a', { state: 1 });
    await store.delete('a');
    equal(await store.delete('a'), false, 'a second delete');
  }),
  defineCase('DELETE-3.1', 'no commit brings a deleted session back', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 1), turn: turn('t1') } },
    });
    await store.delete('a');
    const append = { changeId: 'c2', life: 'c1', threads: { main: { base: 'c1', keep: 1, append: [user('late')] } } };
    const late = [
      append,
      { changeId: 'c3', life: 'c1' },
      { changeId: 'c4', life: 'c1', holds: { main: 't1' } },
      { changeId: 'c5', life: 'c1', metadata: { x: 1 } },
    ];
    for (const change of late) {
      await rejects(store.commit('a', change), 'NOT_FOUND', 'a change of a session that was deleted');
      await rejects(
        store.commit('a', { ...change, retry: true, seen: 1 }),
        'NOT_FOUND',
        'a retry of a change of a session that was deleted',
      );
    }
    equal(await store.get('a'), undefined, 'get after late changes of a deleted session');
  }),
  defineCase('DELETE-4.1', 'nothing of the old life is left in the new one', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      owner: 'ada',
      state: { base: null, value: 1 },
      metadata: { title: 'old' },
      threads: {
        main: { base: null, keep: 0, append: messages(0, 5), turn: turn('t1') },
        side: { base: null, keep: 0, append: messages(0, 1) },
      },
    });
    await store.delete('a');
    await store.commit('a', {
      changeId: 'd1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
    });
    const { id, life, threads, versions, lengths, changes, owner, state, metadata, openTurns, createdAt, updatedAt } =
      await read(store, 'a');
    const record = { id, life, threads, versions, lengths, changes, owner, state, metadata, openTurns };
    const expected = {
      id: 'a',
      life: 'd1',
      threads: { main: messages(0, 1) },
      versions: { state: null, threads: { main: 'd1' } },
      lengths: { main: 1 },
      changes: 1,
    };
    equal(record, expected, 'the record of a session that was created again');
    ok(createdAt === updatedAt, 'createdAt and updatedAt of a session that was created again must be the same');
  }),
  defineCase('DELETE-4.2', 'save creates another life too', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada', metadata: { title: 'old' } });
    await store.delete('a');
    await store.save('a', { state: 2 });
    const { life, owner, metadata, changes } = await read(store, 'a');
    equal(
      { owner, metadata, changes },
      { owner: undefined, metadata: undefined, changes: 1 },
      'the record of a session that was saved after delete',
    );
    ok(life !== 'c1', 'a session that was saved after delete must have another life');
  }),
  defineCase('DELETE-5.1', 'a late retry of the creation does not bring it back', ['full'], async ({ open }) => {
    const { store } = await open();
    const creation = { changeId: 'c1', life: null, state: { base: null, value: 1 } };
    await store.commit('a', creation);
    await store.delete('a');
    await rejects(
      store.commit('a', { ...creation, retry: true }),
      'NOT_FOUND',
      'a retry of the creation of a session that was deleted',
      'delete leaves no tombstone',
    );
    equal(await store.get('a'), undefined, 'get after the late retry');
    await store.delete('a');
    await rejects(store.commit('a', { ...creation, retry: true }), 'NOT_FOUND', 'the same after a second delete');
  }),
  defineCase(
    'DELETE-5.2',
    'a session that was saved leaves a tombstone of its life too',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      await store.commit('a', { changeId: 'c1', life: null });
      await store.save('a', { state: 1 });
      await store.commit('a', { changeId: 'c2', life: 'c1' });
      await store.delete('a');
      await rejects(
        store.commit('a', { changeId: 'c1', life: null, retry: true }),
        'NOT_FOUND',
        'a retry of the creation of a session that was saved and deleted',
      );
    },
  ),
];
