import type { FullSessionStore, SessionChange } from '@sess/core/store';
import { equal, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { messages, read, turn } from './sample.ts';

/** RETRY: a change is applied once. */
export const retryCases: readonly ConformanceCase[] = [
  defineCase('RETRY-1.1', 'a repeated append is applied once', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null });
    const change: SessionChange = {
      changeId: 'c2',
      life: 'c1',
      seen: 1,
      threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
      metadata: { x: 1 },
    };
    const first = await store.commit('a', change);
    const before = await read(store, 'a');
    equal(await store.commit('a', { ...change, retry: true }), first, 'the result of a repeated change');
    equal(await store.commit('a', change), first, 'the result of a change that was repeated without saying so');
    equal(
      await read(store, 'a'),
      before,
      'get after the change was repeated',
      'a repeated change is applied again: look up its id first',
    );
  }),
  defineCase('RETRY-2.1', 'a change is recognised after fifteen others', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null });
    const change: SessionChange = {
      changeId: 'mine',
      life: 'c1',
      seen: 1,
      threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
    };
    await store.commit('a', change);
    await writeOthers(store, 15, 'mine');
    const before = await read(store, 'a');
    equal(
      await store.commit('a', { ...change, retry: true }),
      { changeId: 'mine' },
      'the result of a change that was repeated after 15 others',
    );
    equal(await read(store, 'a'), before, 'get after the change was repeated');
  }),
  defineCase('RETRY-2.2', 'a change is recognised after save', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null });
    const change: SessionChange = { changeId: 'mine', life: 'c1', seen: 1, metadata: { x: 1 } };
    await store.commit('a', change);
    await store.save('a', { metadata: { x: 2 } } as never);
    const before = await read(store, 'a');
    await store.commit('a', { ...change, retry: true });
    equal(await read(store, 'a'), before, 'get after a change was repeated that save has overwritten');
  }),
  defineCase('RETRY-3.1', 'the id is looked up before any condition', ['full'], async ({ open }) => {
    const { store } = await open();
    const creation: SessionChange = {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 3), turn: turn('t1') } },
    };
    await store.commit('a', creation);
    equal(
      await store.commit('a', { ...creation, retry: true }),
      { changeId: 'c1' },
      'a repeated creation',
      'ALREADY_EXISTS is told before the id is looked up',
    );
    const change: SessionChange = {
      changeId: 'c2',
      life: 'c1',
      state: { base: null, value: 1 },
      threads: { main: { base: 'c1', keep: 3, append: [], turn: null } },
      holds: { main: 't1' },
    };
    await store.commit('a', change);
    await store.commit('a', { changeId: 'c3', life: 'c1', threads: { main: { base: 'c2', keep: 0, append: [] } } });
    const before = await read(store, 'a');
    const stale = { ...change, retry: true as const };
    equal(
      await store.commit('a', stale),
      { changeId: 'c2' },
      'a repeated change whose bases, holds and keep no longer fit',
    );
    equal(await read(store, 'a'), before, 'get after changes were repeated');
  }),
  defineCase('RETRY-4.1', 'the creation is recognised after many changes', ['full'], async ({ open }) => {
    const { store } = await open();
    const creation: SessionChange = { changeId: 'c1', life: null, state: { base: null, value: 1 } };
    await store.commit('a', creation);
    await writeOthers(store, 40, null);
    const before = await read(store, 'a');
    equal(
      await store.commit('a', { ...creation, retry: true }),
      { changeId: 'c1' },
      'a creation that was repeated after 40 changes',
    );
    equal(await read(store, 'a'), before, 'get after the creation was repeated');
  }),
  defineCase('RETRY-5.1', 'empty and holding changes are remembered', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: [], turn: turn('t1') } },
    });
    for (const change of [
      { changeId: 'empty', life: 'c1' },
      { changeId: 'holding', life: 'c1', holds: { main: 't1' } },
    ]) {
      await store.commit('a', change);
      const before = await read(store, 'a');
      await store.commit('a', { ...change, retry: true });
      equal(await read(store, 'a'), before, `get after the change ${change.changeId} was repeated`);
    }
  }),
  defineCase('RETRY-6.1', 'a conflict of a first try was not applied', ['full'], async ({ open }) => {
    const { store } = await open();
    await fillThenOthers(store, 30);
    for (const change of [stale(1), stale(undefined), { ...stale(1), life: 'other' }]) {
      const { outcome } = await rejects(store.commit('a', change), 'CONFLICT', 'a first try with a stale base');
      equal(outcome, undefined, 'the outcome of a first try that conflicts');
    }
  }),
  defineCase(
    'RETRY-6.2',
    'a conflict of a retry within sixteen changes was not applied',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      await fillThenOthers(store, 15);
      const { outcome } = await rejects(
        store.commit('a', { ...stale(1), retry: true }),
        'CONFLICT',
        'a retry with a stale base',
      );
      equal(outcome, undefined, 'the outcome of a retry that conflicts, after 15 changes since it was read');
    },
  ),
  defineCase('RETRY-7.1', 'a conflict of a later retry is of unknown outcome', ['full'], async ({ open }) => {
    const { store } = await open();
    await fillThenOthers(store, 16);
    const outcomeOf = async (change: SessionChange) =>
      (await rejects(store.commit('a', { ...change, retry: true }), 'CONFLICT', 'a retry with a stale base')).outcome;
    equal(
      await outcomeOf(stale(1)),
      'unknown',
      'the outcome of a retry that conflicts, after 16 changes since it was read',
    );
    equal(
      await outcomeOf(stale(undefined)),
      'unknown',
      'the outcome of a retry that conflicts and does not say what it has seen',
    );
    equal(await outcomeOf({ ...stale(17), life: 'other' }), 'unknown', 'the outcome of a retry of another life');
  }),
];

/** A change whose base is stale, and whose id was never applied. */
function stale(seen: number | undefined): SessionChange {
  return {
    changeId: 'never-applied',
    life: 'c1',
    threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
    ...(seen !== undefined && { seen }),
  };
}

async function fillThenOthers(store: FullSessionStore, others: number): Promise<void> {
  await store.commit('a', { changeId: 'c1', life: null });
  await writeOthers(store, others, null);
}

/** Appends to `main` so many times, starting from its version. */
async function writeOthers(store: FullSessionStore, count: number, version: string | null): Promise<void> {
  let base = version;
  let keep = version === null ? 0 : 1;
  for (let number = 1; number <= count; number += 1) {
    const changeId = `other-${number}`;
    await store.commit('a', {
      changeId,
      life: 'c1',
      threads: { main: { base, keep, append: messages(number, number + 1) } },
    });
    base = changeId;
    keep += 1;
  }
}
