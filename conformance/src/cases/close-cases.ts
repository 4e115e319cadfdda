import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { content, messages, onThread, read } from './sample.ts';

/** CLOSE: the end of use, and what is there afterwards. */
export const closeCases: readonly ConformanceCase[] = [
  defineCase('CLOSE-1.1', 'every operation after close is refused', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: 1 });
    await store.close();
    await rejects(store.get('a'), 'CLOSED', 'get after close');
    await rejects(store.save('a', { state: 2 }), 'CLOSED', 'save after close');
    await rejects(store.commit('a', { changeId: 'c1', life: null }), 'CLOSED', 'commit after close');
    await rejects(store.delete('a'), 'CLOSED', 'delete after close');
    await rejects(store.list({ owner: 'ada' }), 'CLOSED', 'list after close');
  }),
  defineCase('CLOSE-2.1', 'close may be called again', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.save('a', { state: 1 });
    await Promise.all([store.close(), store.close()]);
    await store.close();
  }),
  defineCase('CLOSE-3.1', 'a store that is opened again has everything', ['full', 'processes'], async ({ open }) => {
    const first = await open();
    await first.store.commit('a', {
      changeId: 'c1',
      life: null,
      owner: 'ada',
      state: { base: null, value: 1 },
      metadata: { x: 1 },
      threads: { main: { base: null, keep: 0, append: messages(0, 3) } },
    });
    await first.store.save('b', { state: 2 });
    await first.store.save('c', { state: 3 });
    await first.store.delete('c');
    const before = [await read(first.store, 'a'), await read(first.store, 'b')];
    await first.store.close();
    const { store } = await open();
    equal([await read(store, 'a'), await read(store, 'b')], before, 'the sessions after the store was opened again');
    equal(await store.get('c'), undefined, 'a deleted session after the store was opened again');
    await store.commit('a', { changeId: 'c1', life: null, retry: true });
    equal(await read(store, 'a'), before[0], 'the session after a retry at the store that was opened again');
  }),
  defineCase(
    'CLOSE-3.2',
    'a second instance sees what the first wrote, and the other way round',
    ['full', 'processes'],
    async ({ open }) => {
      const { store: one } = await open();
      const { store: two } = await open();
      await one.commit('a', {
        changeId: 'c1',
        life: null,
        threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
      });
      equal((await read(one, 'a')).threads, { main: messages(0, 1) }, 'what the first instance reads of its own');
      const seen = await read(two, 'a');
      await two.commit('a', { changeId: 'c2', life: 'c1', threads: onThread(seen, 'main', messages(1, 2)) });
      equal(
        (await read(one, 'a')).threads,
        { main: messages(0, 2) },
        'what the first instance reads',
        'an instance answers from a cache of its own',
      );
      await rejects(
        one.commit('a', { changeId: 'c3', life: 'c1', threads: onThread(seen, 'main', messages(5, 6)) }),
        'CONFLICT',
        'a base that is stale since the other instance wrote',
      );
      await two.delete('a');
      equal(await one.get('a'), undefined, 'what the first instance reads after the second deleted');
    },
  ),
  defineCase('CLOSE-4.1', 'close closes the own client only', ['full', 'client'], async ({ open }) => {
    const { store, client } = await open();
    ok(client !== undefined, 'the target must show its client each time');
    await store.save('a', { state: 1 });
    ok(await client.works(), 'the client must work before close');
    await store.close();
    ok(
      (await client.works()) === client.borrowed,
      client.borrowed ? "close must leave the caller's client open" : 'close must close the client that the store made',
    );
  }),
  defineCase(
    'CLOSE-5.1',
    'data of the previous release is read and written',
    ['previous'],
    async ({ open, previous, full }) => {
      const sessions = await previous();
      ok(sessions.length > 0, 'the target must write at least one session as the previous release did');
      const { store } = await open();
      for (const { sessionId, state, threads = {} } of sessions) {
        equal(
          await content(store, sessionId),
          { ...(state !== undefined && { state }), threads },
          `session ${sessionId} of the previous release`,
        );
        if (!full) continue;
        const record = await read(store, sessionId);
        await store.commit(sessionId, {
          changeId: 'c1',
          life: record.life,
          threads: onThread(record, 'added', messages(0, 1)),
        });
        equal(
          (await read(store, sessionId)).threads,
          { ...threads, added: messages(0, 1) },
          `session ${sessionId} after a change`,
        );
      }
    },
  ),
];
