import { equal, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { onThread, read, user } from './sample.ts';

/** OWNER and META: owner and metadata. */
export const ownerCases: readonly ConformanceCase[] = [
  defineCase('OWNER-1.1', 'the owner is set at creation and stays', ['full'], async ({ open }) => {
    const { store } = await open();
    const owner = async () => (await read(store, 'a')).owner;
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada' });
    equal(await owner(), 'ada', 'the owner of a new session');
    await store.commit('a', {
      changeId: 'c2',
      life: 'c1',
      threads: onThread(await read(store, 'a'), 'main', [user('hello')]),
    });
    equal(await owner(), 'ada', 'the owner after a change');
    await store.save('a', { state: 1 });
    equal(await owner(), 'ada', 'the owner after save');
    await store.commit('b', { changeId: 'c1', life: null });
    equal((await read(store, 'b')).owner, undefined, 'the owner of a session that was created without one');
  }),
  defineCase('OWNER-2.1', 'no later change sets an owner', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null });
    const before = await read(store, 'a');
    await rejects(
      store.commit('a', { changeId: 'c2', life: 'c1', owner: 'eve' }),
      'INVALID_ARGUMENT',
      'a change of a session that is there, with an owner',
    );
    equal(await read(store, 'a'), before, 'get after the change was refused');
  }),
  defineCase('META-1.1', 'metadata is merged key by key, without a condition', ['full'], async ({ open }) => {
    const { store } = await open();
    const metadata = async () => (await read(store, 'a')).metadata;
    await store.commit('a', { changeId: 'c1', life: null, metadata: { title: 'one', nested: { a: 1 } } });
    equal(await metadata(), { title: 'one', nested: { a: 1 } }, 'metadata of a new session');
    await store.commit('a', { changeId: 'c2', life: 'c1', metadata: { label: 'x' } });
    equal(
      await metadata(),
      { title: 'one', nested: { a: 1 }, label: 'x' },
      'metadata after another key was merged',
      'metadata is replaced: it must be merged',
    );
    await store.commit('a', { changeId: 'c3', life: 'c1', metadata: { title: 'two', nested: { b: 2 } } });
    equal(
      await metadata(),
      { title: 'two', nested: { b: 2 }, label: 'x' },
      'metadata after the same keys were merged',
      'metadata is merged deeply: values are replaced',
    );
    await store.commit('a', { changeId: 'c4', life: 'c1', metadata: {} });
    equal(await metadata(), { title: 'two', nested: { b: 2 }, label: 'x' }, 'metadata after nothing was merged');
  }),
  defineCase('META-2.1', 'null removes a key, and the last key removes the metadata', ['full'], async ({ open }) => {
    const { store } = await open();
    const metadata = async () => (await read(store, 'a')).metadata;
    await store.commit('a', { changeId: 'c1', life: null, metadata: { title: 'one', label: 'x', gone: null } });
    equal(await metadata(), { title: 'one', label: 'x' }, 'metadata that was created with a null');
    await store.commit('a', { changeId: 'c2', life: 'c1', metadata: { title: null, never: null } });
    equal(await metadata(), { label: 'x' }, 'metadata after null was merged');
    await store.commit('a', { changeId: 'c3', life: 'c1', metadata: { nested: { kept: null } } });
    equal(await metadata(), { label: 'x', nested: { kept: null } }, 'a null inside of a value');
    await store.commit('a', { changeId: 'c4', life: 'c1', metadata: { label: null, nested: null } });
    equal(await metadata(), undefined, 'metadata without keys');
  }),
];
