import type { FullSessionStore } from '@sess/core/store';
import { equal, ok, rejects } from '../assertions.ts';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { RunTime } from '../run-time.ts';
import { defineCase } from './define-case.ts';
import { messages, read, turn } from './sample.ts';

/** How far (ms) a database's clock and ours may be apart where the store takes no clock. */
const SKEW_MS = 2_000;

/** EXPIRY: sessions that end by themselves. */
export const expiryCases: readonly ConformanceCase[] = [
  defineCase('EXPIRY-1.1', 'an expired session is not there', ['full', 'ttl'], async (context) => {
    const { store, expire } = await openExpiring(context);
    await store.save('a', { state: 1, threads: { main: messages(0, 1) } });
    await store.commit('b', { changeId: 'c1', life: null });
    await expire('a', 'b');
    for (const id of ['a', 'b']) {
      equal(
        await store.get(id),
        undefined,
        'get of an expired session',
        'only the database cleans up: check the expiry on read',
      );
      equal(await store.get(id, { last: 1 }), undefined, 'get of a part of an expired session');
    }
  }),
  defineCase('EXPIRY-2.1', 'a session is there until it expires', ['full', 'ttl'], async ({ open, time }) => {
    const clock = time();
    const { store } = await open({ ttl: 60_000, time: clock });
    await store.save('a', { state: 1 });
    const { expiresAt = 0 } = await read(store, 'a');
    if (clock.exact) await clock.until(expiresAt - 1);
    equal((await read(store, 'a')).state, 1, 'get of a session whose expiry lies ahead');
  }),
  defineCase('EXPIRY-3.1', 'a change of an expired session finds none', ['full', 'ttl'], async (context) => {
    const { store, expire } = await openExpiring(context);
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: [], turn: turn('t1') } },
    });
    await expire('a');
    for (const fields of [{ state: { base: null, value: 1 } }, {}, { holds: { main: 't1' } }]) {
      await rejects(
        store.commit('a', { changeId: 'c2', life: 'c1', ...fields }),
        'NOT_FOUND',
        'a change of an expired session',
      );
    }
    equal(
      await store.get('a'),
      undefined,
      'get after changes of an expired session',
      'a commit brings an expired session back',
    );
  }),
  defineCase(
    'EXPIRY-3.2',
    'a creation where a session has expired begins another life',
    ['full', 'ttl'],
    async (context) => {
      const { store, expire } = await openExpiring(context);
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        owner: 'ada',
        state: { base: null, value: 1 },
        metadata: { title: 'old' },
        threads: {
          main: { base: null, keep: 0, append: messages(0, 3), turn: turn('t1') },
          side: { base: null, keep: 0, append: messages(0, 1) },
        },
      });
      await expire('a');
      await store.commit('a', {
        changeId: 'd1',
        life: null,
        threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
      });
      const { id, life, threads, versions, lengths, changes, owner, state, metadata, openTurns } = await read(
        store,
        'a',
      );
      const record = { id, life, threads, versions, lengths, changes, owner, state, metadata, openTurns };
      const expected = {
        id: 'a',
        life: 'd1',
        threads: { main: messages(0, 1) },
        versions: { state: null, threads: { main: 'd1' } },
        lengths: { main: 1 },
        changes: 1,
      };
      equal(record, expected, 'the record of a session that was created where one had expired');
    },
  ),
  defineCase('EXPIRY-4.1', 'save where a session has expired begins another life', ['full', 'ttl'], async (context) => {
    const { store, expire } = await openExpiring(context);
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada', metadata: { title: 'old' } });
    const { createdAt } = await read(store, 'a');
    await expire('a');
    await store.save('a', { state: 2 });
    const record = await read(store, 'a');
    const { owner, metadata, changes } = record;
    equal(
      { owner, metadata, changes },
      { owner: undefined, metadata: undefined, changes: 1 },
      'the record that save made where one had expired',
    );
    ok(record.life !== 'c1' && record.createdAt > createdAt, 'life and createdAt must be new');
  }),
  defineCase('EXPIRY-5.1', 'there is nothing to delete', ['full', 'ttl'], async (context) => {
    const { store, expire } = await openExpiring(context);
    await store.save('a', { state: 1 });
    await expire('a');
    equal(await store.delete('a'), false, 'delete of an expired session');
  }),
  defineCase('EXPIRY-6.1', 'every write sets the expiry, reading does not', ['full', 'ttl'], async ({ open, time }) => {
    const clock = time();
    const ttl = 60_000;
    const { store } = await open({ ttl, time: clock });
    const write = async (what: string, operation: () => Promise<unknown>) => {
      await clock.until(clock.now() + 25);
      const before = clock.now();
      await operation();
      const skew = clock.exact ? 0 : SKEW_MS;
      const { expiresAt = 0 } = await read(store, 'a');
      ok(
        expiresAt >= before + ttl - skew && expiresAt <= clock.now() + ttl + 1 + skew,
        `expiresAt after ${what} must be now plus ttl`,
      );
      return expiresAt;
    };
    let last = await write('the creation', () =>
      store.commit('a', {
        changeId: 'c1',
        life: null,
        threads: { main: { base: null, keep: 0, append: [], turn: turn('t1') } },
      }),
    );
    const later = async (what: string, operation: () => Promise<unknown>) => {
      const next = await write(what, operation);
      ok(next > last, `expiresAt must move with ${what}`);
      last = next;
    };
    await later('a change', () => store.commit('a', { changeId: 'c2', life: 'c1', state: { base: null, value: 1 } }));
    await later('an empty change', () => store.commit('a', { changeId: 'c3', life: 'c1' }));
    await later('a change that only holds', () =>
      store.commit('a', { changeId: 'c4', life: 'c1', holds: { main: 't1' } }),
    );
    await later('save', () => store.save('a', { state: 2 }));
    await clock.until(clock.now() + 25);
    await store.get('a');
    await store.get('a', { last: 1 });
    equal((await read(store, 'a')).expiresAt, last, 'expiresAt after reading');
    await rejects(store.commit('a', { changeId: 'x', life: 'other' }), 'CONFLICT', 'a change of another life');
    equal((await read(store, 'a')).expiresAt, last, 'expiresAt after a change that was refused');
  }),
  defineCase('EXPIRY-6.2', 'an empty change keeps a session alive', ['full', 'ttl'], async (context) => {
    const { store, clock, ttl, expire } = await openExpiring(context);
    await store.commit('a', { changeId: 'c1', life: null });
    await store.commit('b', { changeId: 'c1', life: null });
    const { expiresAt = 0 } = await read(store, 'b');
    await clock.until(expiresAt - ttl / 2);
    await store.commit('a', { changeId: 'c2', life: 'c1' });
    await expire('b');
    if (clock.exact) ok((await store.get('a')) !== undefined, 'a session must live on for ttl after an empty change');
    equal(await store.get('b'), undefined, 'get of the session that was left alone');
  }),
  defineCase('EXPIRY-7.1', 'a fractional ttl works', ['full', 'ttl'], async ({ open, time }) => {
    const clock = time();
    const { store } = await open({ ttl: 60_000.25, time: clock });
    const before = clock.now();
    await store.commit('a', { changeId: 'c1', life: null });
    const { expiresAt = 0 } = await read(store, 'a');
    ok(Number.isSafeInteger(expiresAt), 'expiresAt must be a whole number of milliseconds');
    if (clock.exact) equal(expiresAt, before + 60_001, 'expiresAt with a ttl of 60000.25');
  }),
  defineCase('EXPIRY-8.1', 'without ttl nothing expires', ['full', 'ttl'], async ({ open, time }) => {
    const clock = time();
    const { store } = await open({ time: clock });
    equal(
      await store.commit('a', { changeId: 'c1', life: null }),
      { changeId: 'c1' },
      'the result of a commit without ttl',
    );
    equal((await read(store, 'a')).expiresAt, undefined, 'expiresAt without ttl');
    if (clock.exact) await clock.until(clock.now() + 10 * 365 * 86_400_000);
    ok((await store.get('a')) !== undefined, 'a session without ttl must be there after ten years');
  }),
  defineCase('EXPIRY-9.1', 'a ttl that is no positive number is refused', ['full', 'ttl'], async ({ open }) => {
    for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await rejects(open({ ttl, neighbour: 'bad' }), 'INVALID_ARGUMENT', `opening with ttl ${ttl}`);
    }
  }),
  defineCase(
    'EXPIRY-10.1',
    'parts that were written at different times expire together',
    ['full', 'ttl'],
    async (context) => {
      const { store, clock, ttl, expire } = await openExpiring(context);
      const absent = (count: number) => ({ base: null, keep: 0, append: messages(0, count) });
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        state: { base: null, value: 1 },
        metadata: { x: 1 },
        threads: { main: absent(2) },
      });
      for (const number of [2, 3, 4]) {
        const { expiresAt = 0 } = await read(store, 'a');
        await clock.until(expiresAt - ttl / 2);
        await store.commit('a', { changeId: `c${number}`, life: 'c1', threads: { [`thread-${number}`]: absent(1) } });
      }
      const record = await read(store, 'a');
      const { state, metadata, threads } = record;
      const expected = {
        state: 1,
        metadata: { x: 1 },
        threads: {
          main: messages(0, 2),
          'thread-2': messages(0, 1),
          'thread-3': messages(0, 1),
          'thread-4': messages(0, 1),
        },
      };
      equal(
        { state, metadata, threads },
        expected,
        'a session whose first parts are older than ttl',
        'each part has an expiry of its own: the whole session must have one',
      );
      await expire('a');
      equal(await store.get('a'), undefined, 'get after the whole has expired');
      await store.commit('a', { changeId: 'd1', life: null });
      equal((await read(store, 'a')).threads ?? {}, {}, 'threads of another life');
    },
  ),
  defineCase(
    'EXPIRY-11.1',
    'a store that is opened again without ttl ends the expiry',
    ['full', 'ttl', 'processes'],
    async ({ open, time }) => {
      const clock = time();
      const first = await open({ ttl: 60_000, time: clock });
      await first.store.commit('a', { changeId: 'c1', life: null });
      await first.store.save('b', { state: 1 });
      const { store } = await open({ time: clock });
      ok((await read(store, 'a')).expiresAt !== undefined, 'expiresAt must stay until the next write');
      equal(
        await store.commit('a', { changeId: 'c2', life: 'c1' }),
        { changeId: 'c2' },
        'the result of a commit without ttl',
      );
      await store.save('b', { state: 2 });
      for (const id of ['a', 'b'])
        equal((await read(store, id)).expiresAt, undefined, 'expiresAt after a write without ttl');
    },
  ),
  defineCase('LIST-9.1', 'expired sessions are not listed', ['full', 'ttl', 'list'], async (context) => {
    const { store, expire } = await openExpiring(context);
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada' });
    await expire('a');
    const { sessions } = await store.list({ owner: 'ada' });
    equal(sessions, [], 'list after the only session has expired');
  }),
];

async function openExpiring({ open, time }: CaseContext): Promise<{
  store: FullSessionStore;
  clock: RunTime;
  ttl: number;
  /** Waits until all of these have expired, and until that can be seen. */
  expire(...ids: string[]): Promise<void>;
}> {
  const clock = time();
  const ttl = clock.exact ? 60_000 : 600;
  const { store } = await open({ ttl, time: clock });
  const granularity = store.supports.ttl === false ? 0 : store.supports.ttl.granularityMs;
  const expire = async (...ids: string[]) => {
    const expiries = await Promise.all(ids.map(async (id) => (await read(store, id)).expiresAt ?? Number.NaN));
    ok(expiries.every(Number.isSafeInteger), 'a record of a store with ttl must have expiresAt');
    await clock.until(Math.max(...expiries) + granularity + (clock.exact ? 0 : 100));
  };
  return { store, clock, ttl, expire };
}
