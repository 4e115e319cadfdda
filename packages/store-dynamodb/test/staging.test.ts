import type { FullSessionStore } from '@sess/core/store';
import { afterEach, describe, expect, test } from 'vitest';
import { type Fault, FaultyClient, failure } from './support/faulty-client.ts';
import { onDynamodb } from './support/on-dynamodb.ts';
import { type OpenedStore, openStore } from './support/open-store.ts';
import { itemsIn, rowsIn } from './support/rows-in.ts';
import { appendTo, changeOfMain, creation, errorOf, textsOf, user, users } from './support/samples.ts';

const HOUR = 3_600_000;

onDynamodb('large changes and what is left behind', () => {
  const opened: OpenedStore[] = [];
  let now = Date.now();
  const open = (options: Parameters<typeof openStore>[0] = {}) => {
    const faulty = new FaultyClient();
    const one = openStore({ client: faulty.client, clock: () => now, ...options });
    opened.push(one);
    return { ...one, faulty };
  };
  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close();
  });
  const never = () => failure('AccessDeniedException');
  const names = (count: number) => users(count).map(({ content }) => content[0]?.text);

  describe('a change of more than a transaction takes', () => {
    test('is staged, and lands in one transaction', async () => {
      const { store, prefix, faulty } = open();
      await store.commit('a', creation('c1', users(10)));
      await appendTo(store, 'a', 'c2', ...users(250, 10));
      expect(faulty.commands.filter((name) => name === 'TransactWriteItems')).toHaveLength(2);
      expect(await textsOf(store, 'a')).toEqual(names(260));
      expect((await store.get('a', { last: 2, before: 12 }))?.threads?.main).toEqual(users(2, 10));
      expect((await store.get('a', { last: 4, before: 12 }))?.threads?.main).toEqual(users(4, 8));
      await appendTo(store, 'a', 'c3', user('m260'));
      await store.commit('a', await changeOfMain(store, 'a', 'c4', { keep: 100, append: users(3, 100) }));
      expect(await textsOf(store, 'a')).toEqual(names(103));
      expect((await rowsIn(prefix, 'a')).filter((sk) => sk.includes('/m/'))).toHaveLength(103);
    });

    test('leaves nothing to look at for later sweeps', async () => {
      const { store, prefix } = open();
      await store.commit('a', creation('c1', users(150)));
      const records = (await itemsIn(prefix, 'a')).filter((item) => item.sk.S.includes('/x/'));
      expect(records).toHaveLength(1);
      expect(records[0]).not.toHaveProperty('g');
    });

    test('replaces a large change, which is then purged', async () => {
      const { store, prefix } = open();
      await store.commit('a', creation('c1', users(150)));
      for (let round = 0; round < 3; round++) {
        const append = users(150).map((message) => ({ ...message, metadata: { round } }));
        await store.commit('a', await changeOfMain(store, 'a', `r${round}`, { keep: 0, append }));
        expect((await store.get('a'))?.threads?.main).toEqual(append);
        expect((await rowsIn(prefix, 'a')).filter((sk) => sk.includes('/m/'))).toHaveLength(150);
      }
    });

    test('with a large state replaces another, small one, and the other way round', async () => {
      const { store, prefix } = open();
      await store.commit('a', { ...creation('c1'), state: { base: null, value: 'small' } });
      const values = ['x'.repeat(5_000_000), 'y'.repeat(5_000_000), 'small again', { z: 'z'.repeat(1_000_000) }];
      let base = 'c1';
      for (const [index, value] of values.entries()) {
        await store.commit('a', { changeId: `s${index}`, life: 'c1', state: { base, value } });
        base = `s${index}`;
        expect((await store.get('a', { last: 0 }))?.state).toEqual(value);
      }
      expect((await rowsIn(prefix, 'a')).filter((sk) => sk.includes('/s/~'))).toEqual([]);
    });

    test('that conflicts leaves nothing', async () => {
      const { store, prefix } = open();
      await store.commit('a', creation('c1', users(3)));
      const stale = await changeOfMain(store, 'a', 'stale', { append: users(150, 3) });
      await appendTo(open({ prefix }).store, 'a', 'c2', user('m3'));
      expect(await errorOf(store.commit('a', stale))).toMatchObject({ code: 'CONFLICT' });
      expect(await rowsIn(prefix, 'a')).toHaveLength(5);
      expect(await errorOf(store.commit('a', { ...creation('c3', users(150)) }))).toMatchObject({
        code: 'ALREADY_EXISTS',
      });
      expect(await rowsIn(prefix, 'a')).toHaveLength(5);
    });

    test('meets a thread that others have begun meanwhile', async () => {
      const { store, prefix, faulty } = open();
      const other = open({ prefix }).store;
      await store.commit('a', creation('c1', users(3)));
      faulty.next('TransactWriteItems', async (pass) => {
        await other.commit('a', {
          changeId: 'theirs',
          life: 'c1',
          threads: { theirs: { base: null, keep: 0, append: [user('theirs')] } },
        });
        return pass();
      });
      const threads = { mine: { base: null, keep: 0, append: users(150) } };
      await store.commit('a', { changeId: 'mine', life: 'c1', threads });
      expect(await textsOf(store, 'a', 'mine')).toEqual(names(150));
      expect(await textsOf(store, 'a', 'theirs')).toEqual(['theirs']);
      expect((await rowsIn(prefix, 'a')).filter((sk) => sk.includes('~'))).toHaveLength(150);
    });

    test('meets a session that others have saved over meanwhile', async () => {
      const { store, prefix, faulty } = open();
      const other = open({ prefix }).store;
      await store.commit('a', creation('c1', users(3)));
      faulty.next('TransactWriteItems', async (pass) => {
        await other.save('a', { threads: { main: [user('saved')] } });
        return pass();
      });
      const threads = { mine: { base: null, keep: 0, append: users(150) } };
      await store.commit('a', { changeId: 'mine', life: 'c1', threads });
      expect(await textsOf(store, 'a', 'mine')).toEqual(names(150));
      expect(await textsOf(store, 'a')).toEqual(['saved']);
    });

    test('is not seen before it lands, nor after its process has died', async () => {
      const { store, prefix, faulty } = open();
      await store.commit('a', creation('c1', users(3)));
      const reader = open({ prefix }).store;
      faulty.next('TransactWriteItems', async () => {
        expect(await textsOf(reader, 'a')).toEqual(names(3));
        expect((await reader.get('a', { last: 2 }))?.threads?.main).toEqual(users(2, 1));
        return never()(async () => {}, {});
      });
      faulty.next('UpdateItem', never()); // it cannot take anything back
      await errorOf(appendTo(store, 'a', 'c2', ...users(150, 3)));
      expect(await rowsIn(prefix, 'a')).toHaveLength(1 + 3 + 1 + 150);

      // What others write at the same places counts; what was staged never does.
      await appendTo(reader, 'a', 'c3', user('theirs'));
      await appendTo(reader, 'a', 'c4', user('theirs too'));
      expect(await textsOf(reader, 'a')).toEqual([...names(3), 'theirs', 'theirs too']);
      expect((await reader.get('a', { last: 1 }))?.threads?.main).toEqual([user('theirs too')]);

      expect(await reader.sweep()).toEqual({ removed: 0 }); // it may be alive
      now += HOUR + 1;
      expect(await reader.sweep()).toEqual({ removed: 1 });
      expect(await reader.sweep()).toEqual({ removed: 0 });
      expect(await rowsIn(prefix, 'a')).toHaveLength(1 + 5);
      expect(await textsOf(reader, 'a')).toEqual([...names(3), 'theirs', 'theirs too']);
    });

    test('of which a sweep was faster is staged again', async () => {
      const { store, prefix, faulty } = open();
      const sweeper = open({ prefix }).store;
      await store.commit('a', creation('c1', users(3)));
      faulty.next('TransactWriteItems', async (pass) => {
        now += HOUR + 1;
        expect(await sweeper.sweep()).toEqual({ removed: 1 });
        return pass();
      });
      await appendTo(store, 'a', 'c2', ...users(150, 3));
      expect(await textsOf(store, 'a')).toEqual(names(153));
      now += HOUR + 1;
      expect(await sweeper.sweep()).toEqual({ removed: 0 });
      expect(await textsOf(store, 'a')).toEqual(names(153));
      expect(await rowsIn(prefix, 'a')).toHaveLength(1 + 153 + 1); // with one record, of the change that landed
    });

    test('races a sweep: what is acknowledged is there', async () => {
      const { store, prefix, faulty } = open();
      const sweeper = open({ prefix, clock: () => now + 2 * HOUR }).store;
      let removed = 0;
      for (let round = 0; round < 14; round++) {
        const sessionId = `r${round}`;
        await store.commit(sessionId, creation('c1', users(1)));
        const change = await changeOfMain(store, sessionId, 'c2', { append: users(150, 1) });
        let sweeping = Promise.resolve({ removed: 0 });
        const startSweep: Fault = (pass) => {
          sweeping = sweeper.sweep();
          return pass();
        };
        // The record and six batches are written before the transaction.
        const step = round % 7;
        faulty.next('BatchWriteItem', (pass) => pass(), step);
        faulty.next(step === 6 ? 'TransactWriteItems' : 'BatchWriteItem', startSweep);
        await store.commit(sessionId, change);
        removed += (await sweeping).removed;
        await sweeper.sweep();
        expect(await textsOf(store, sessionId)).toEqual(names(151));
        expect((await rowsIn(prefix, sessionId)).filter((sk) => sk.includes('/m/'))).toHaveLength(151);
      }
      expect(removed).toBeGreaterThan(0);
    });

    test('that creates a session, and dies, leaves nothing, though a sweep of it dies too', async () => {
      const { store, prefix, faulty } = open();
      faulty.next('TransactWriteItems', never());
      faulty.next('UpdateItem', never());
      await errorOf(store.commit('a', creation('c1', users(150))));
      expect(await store.get('a')).toBeUndefined();
      expect(await rowsIn(prefix, 'a')).toHaveLength(151);
      now += HOUR + 1;
      faulty.next('Query', (pass) => pass()); // of what is left
      faulty.next('Query', never()); // of the rows
      expect(await errorOf(store.sweep())).toMatchObject({ code: 'STORE_FAILED' });
      expect(await store.sweep()).toEqual({ removed: 1 });
      expect(await rowsIn(prefix, 'a')).toEqual([]);
    });
  });

  describe('a deletion', () => {
    test('is one write; what it leaves behind where it dies, a sweep removes', async () => {
      const { store, prefix, faulty } = open();
      await store.commit('a', { ...creation('c1', users(30)), state: { base: null, value: 1 } });
      faulty.next('Query', never());
      expect(await store.delete('a')).toBe(true);
      expect(await store.get('a')).toBeUndefined();
      expect(await rowsIn(prefix, 'a')).toHaveLength(32);
      now += HOUR + 1;
      expect(await store.sweep()).toEqual({ removed: 1 });
      expect(await rowsIn(prefix, 'a')).toEqual(['header']);
      expect(await store.sweep()).toEqual({ removed: 0 });
    });

    test('of which a sweep dies is finished by the next sweep', async () => {
      const { store, prefix, faulty } = open();
      await store.commit('a', creation('c1', users(3)));
      faulty.next('Query', never());
      await store.delete('a');
      now += HOUR + 1;
      faulty.next('Query', (pass) => pass()); // of what is left
      faulty.next('Query', never()); // of the rows
      expect(await errorOf(store.sweep())).toMatchObject({ code: 'STORE_FAILED' });
      expect(await store.sweep()).toEqual({ removed: 1 });
      expect(await rowsIn(prefix, 'a')).toEqual(['header']);
    });

    test.each(['delete', 'sweep'] as const)('leaves alone what is created while its %s purges', async (purging) => {
      const { store, prefix, faulty } = open();
      const other = open({ prefix }).store;
      await store.commit('a', creation('c1', users(3)));
      if (purging === 'sweep') {
        faulty.next('Query', never());
        await store.delete('a');
        now += HOUR + 1;
        faulty.next('Query', (pass) => pass()); // of what is left
      }
      faulty.next('Query', async (pass) => {
        await other.commit('a', creation('c2', [user('new')]));
        return pass();
      });
      await (purging === 'delete' ? store.delete('a') : store.sweep());
      expect(await textsOf(other, 'a')).toEqual(['new']);
      await appendTo(store, 'a', 'c3', user('newer'));
      expect(await textsOf(other, 'a')).toEqual(['new', 'newer']);
    });

    test('that was left unfinished is finished by the next life', async () => {
      const { store, prefix, faulty } = open();
      await store.commit('a', creation('c1', users(30)));
      faulty.next('Query', never());
      await store.delete('a');
      faulty.next('Query', never());
      await store.commit('a', creation('c2', users(2)));
      expect(await textsOf(store, 'a')).toEqual(names(2));
      expect(await rowsIn(prefix, 'a')).toHaveLength(1 + 30 + 2);
      const other = open({ prefix }).store;
      await appendTo(other, 'a', 'c3', user('m2'));
      expect(await rowsIn(prefix, 'a')).toHaveLength(1 + 3);
      expect(await textsOf(other, 'a')).toEqual(names(3));
    });
  });

  test('a reader whose rows are purged while it reads starts again', async () => {
    const { store, prefix, faulty } = open();
    const other = open({ prefix }).store;
    await store.commit('a', { ...creation('c1', users(20)), state: { base: null, value: 'old' } });
    const rewrites: [() => Promise<unknown>, number, string][] = [
      [async () => other.commit('a', await changeOfMain(other, 'a', 'c2', { keep: 5, append: users(3, 5) })), 8, 'old'],
      [async () => other.save('a', { state: 'saved', threads: { main: users(4) } }), 4, 'saved'],
      [
        async () => other.commit('a', await changeOfMain(other, 'a', 'c3', { keep: 0, append: users(120) })),
        120,
        'saved',
      ],
    ];
    for (const [rewrite, count, state] of rewrites) {
      faulty.next('Query', async (pass) => {
        await rewrite();
        return pass();
      });
      const record = await store.get('a');
      expect(record?.threads?.main).toEqual(users(count));
      expect(record?.state).toBe(state);
    }
    faulty.next('Query', async (pass) => {
      await other.delete('a');
      return pass();
    });
    expect(await store.get('a')).toBeUndefined();
  });

  test('a reader meets the state as it was, or, where its place is written again meanwhile, starts again', async () => {
    const { store, prefix, faulty } = open();
    const other = open({ prefix }).store;
    await store.commit('a', { ...creation('s1'), state: { base: null, value: 1 } });
    const replace = (number: number) => {
      const state = { base: `s${number - 1}`, value: number };
      return other.commit('a', { changeId: `s${number}`, life: 's1', state });
    };
    faulty.next('Query', async (pass) => {
      await replace(2);
      return pass();
    });
    expect(await store.get('a')).toMatchObject({ state: 1, versions: { state: 's1' }, changes: 1 });
    faulty.next('Query', async (pass) => {
      await replace(3);
      await replace(4);
      return pass();
    });
    expect(await store.get('a')).toMatchObject({ state: 4, versions: { state: 's4' }, changes: 4 });
  });

  test('a large change of which the record is gone while its rows were read is read again', async () => {
    const { store, prefix, faulty } = open();
    const other = open({ prefix }).store;
    await store.commit('a', creation('c1', users(3)));
    const edit = await changeOfMain(store, 'a', 'c2', { keep: 1, append: users(150, 100) });
    faulty.next('Query', never()); // of the purge
    await store.commit('a', edit);
    faulty.next('BatchGetItem', async (pass) => {
      await other.save('a', { threads: { main: [user('saved')] } });
      return pass();
    });
    const record = await store.get('a', { last: 2, before: 3 });
    expect(record?.threads?.main).toEqual([user('saved')]);
    expect(faulty.isDone).toBe(true);
  });

  describe('who reads while rows are purged one by one', () => {
    /** Edits that leave old versions behind, since their purges fail; then the write whose purge is watched. */
    const scenarios: [string, number, (store: FullSessionStore) => Promise<unknown>][] = [
      ['a small edit', 1, async (store) => store.commit('a', await changeOfMain(store, 'a', 'last', { keep: 1 }))],
      ['a large edit', 150, async (store) => store.commit('a', await changeOfMain(store, 'a', 'last', { keep: 1 }))],
      ['a small edit before a deletion', 1, (store) => store.delete('a')],
      ['a large edit before a deletion', 150, (store) => store.delete('a')],
      ['a large edit before a save', 150, (store) => store.save('a', { threads: { main: [user('saved')] } })],
    ];
    test.each(scenarios)('finds the old session or the new one, not a mixture: %s', async (_, added, last) => {
      const { store, prefix, faulty } = open();
      const writer = open({ prefix });
      const reader = open({ prefix });
      const watched = ['m0', 'm1', 'm2'];
      await store.commit('a', creation('c1', watched.map(user)));
      for (const edit of ['second', 'third']) {
        const append = Array.from({ length: added + 1 }, (_, index) => user(`${edit} ${index + 1}`));
        const change = await changeOfMain(store, 'a', edit, { keep: 1, append });
        faulty.next('Query', never()); // of the purge
        await store.commit('a', change);
      }
      const [before] = (await itemsIn(prefix, 'a')).filter((item) => item.sk.S === 'header');
      const old = await store.get('a');
      const found = new Set<string>();
      const look = async () => {
        for (const read of [{}, { last: 2 }]) {
          reader.faulty.next('GetItem', async () => ({ Item: before }));
          const record = await reader.store.get('a', read);
          const expected = read.last === undefined ? old?.threads?.main : old?.threads?.main?.slice(-2);
          const isOld = record?.changes === old?.changes;
          found.add(isOld ? 'old' : 'new');
          if (isOld) expect(record?.threads?.main).toEqual(expected);
        }
      };
      writer.faulty.next(
        'BatchWriteItem',
        async (pass, { RequestItems }) => {
          const [[table, requests]] = Object.entries(RequestItems) as [[string, unknown[]]];
          for (const request of requests) {
            await pass({ RequestItems: { [table]: [request] } });
            if (found.size < 2) await look();
          }
          await look();
          return {};
        },
        Number.POSITIVE_INFINITY,
      );
      await look();
      await last(writer.store);
      expect([...found]).toEqual(['old', 'new']);
    });
  });
});
