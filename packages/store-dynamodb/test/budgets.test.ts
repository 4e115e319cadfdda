import { randomUUID } from 'node:crypto';
import type { FullSessionStore, MessageData, SessionChange, SessionRecord } from '@sess/core/store';
import { afterAll, describe, expect, test } from 'vitest';
import { type CountedRequest, countRequests, sum } from './support/count-requests.ts';
import { onDynamodb } from './support/on-dynamodb.ts';
import { openStore } from './support/open-store.ts';
import { itemsIn } from './support/rows-in.ts';
import { creation } from './support/samples.ts';

/** A message as core stores it, with text that does not repeat itself. */
function message(role: 'user' | 'model', length: number): MessageData {
  const text = Array.from({ length }, (_, index) => String.fromCharCode(97 + ((index * 7) % 26))).join('');
  return { role, content: [{ text }], metadata: { sess: { id: randomUUID(), turn: randomUUID(), at: Date.now() } } };
}

/** A turn as core makes it: the question opens it, the answer closes it. */
function turn(record: SessionRecord): {
  changes: [SessionChange, SessionChange];
  after: SessionRecord;
  content: number;
} {
  const [question, answer] = [message('user', 700), message('model', 1250)];
  const [opening, closing] = [randomUUID(), randomUUID()];
  const { life, changes: seen, versions, lengths } = record;
  const { main: keep = 0 } = lengths;
  const open = { id: randomUUID(), at: Date.now(), leaseMs: 30_000, beat: 0 };
  const first = { base: versions.threads.main ?? null, keep, append: [question], turn: open };
  const second = { base: opening, keep: keep + 1, append: [answer], turn: null };
  return {
    changes: [
      { changeId: opening, life, seen, threads: { main: first } },
      { changeId: closing, life, seen: seen + 1, threads: { main: second }, holds: { main: open.id } },
    ],
    after: {
      ...record,
      changes: seen + 2,
      versions: { ...versions, threads: { main: closing } },
      lengths: { main: keep + 2 },
    },
    content: Buffer.byteLength(JSON.stringify(question)) + Buffer.byteLength(JSON.stringify(answer)),
  };
}

onDynamodb('budgets', () => {
  const { store, client, prefix, close } = openStore();
  const requests = countRequests(client);
  const during = async (operation: () => Promise<unknown>): Promise<CountedRequest[]> => {
    requests.length = 0;
    await operation();
    return [...requests];
  };
  const namesOf = (counted: readonly CountedRequest[]) => counted.map(({ name }) => name);
  afterAll(close);

  describe('a change', () => {
    const next = (() => {
      let count = 1;
      return () => `c${++count}`;
    })();
    const commit = (sessionId: string, changeId: string, fields: Partial<SessionChange>) =>
      during(() => store.commit(sessionId, { changeId, life: 'c1', ...fields }));

    test('is one transaction, or one conditional write where it brings no content', async () => {
      expect(namesOf(await during(() => store.commit('a', creation('c1'))))).toEqual(['PutItem']);
      const id = randomUUID();
      expect(namesOf(await during(() => store.commit(id, creation('c1', [message('user', 100)]))))).toEqual([
        'TransactWriteItems',
      ]);
      const open = { id: 't1', at: 0, leaseMs: 1, beat: 0 };
      const append = [message('user', 700)];
      const first = next();
      const opening = { threads: { main: { base: 'c1', keep: 0, append, turn: open } } };
      expect(namesOf(await commit('a', first, opening))).toEqual(['TransactWriteItems']);
      expect(namesOf(await commit('a', next(), { holds: { main: 't1' } }))).toEqual(['PutItem']);
      expect(namesOf(await commit('a', next(), {}))).toEqual(['PutItem']);
      expect(namesOf(await commit('a', next(), { metadata: { title: 'x' } }))).toEqual(['PutItem']);
      const state = next();
      expect(namesOf(await commit('a', state, { state: { base: null, value: 1 } }))).toEqual(['TransactWriteItems']);
      expect(namesOf(await commit('a', next(), { state: { base: state, value: 2 } }))).toEqual(['TransactWriteItems']);
    });

    test('by a process that has only read the session is one transaction too; by another it is a read more', async () => {
      const other = openStore({ prefix });
      const counted = countRequests(other.client);
      const record = (await other.store.get('a', { last: 0 })) as SessionRecord;
      counted.length = 0;
      const [opening, closing] = turn(record).changes;
      await other.store.commit('a', opening);
      expect(namesOf(counted)).toEqual(['TransactWriteItems']);
      await other.close();
      const third = openStore({ prefix });
      const countedThere = countRequests(third.client);
      await third.store.commit('a', closing);
      expect(namesOf(countedThere)).toEqual(['GetItem', 'TransactWriteItems']);
      await third.close();
    });

    test('after others wrote: the refusal itself tells what is there now', async () => {
      const other = openStore({ prefix });
      const record = (await store.get('a', { last: 0 })) as SessionRecord;
      await other.store.commit('a', {
        changeId: next(),
        life: 'c1',
        threads: { side: { base: null, keep: 0, append: [] } },
      });
      await other.close();
      expect(namesOf(await during(() => store.commit('a', turn(record).changes[0])))).toEqual([
        'TransactWriteItems',
        'TransactWriteItems',
      ]);
    });

    test('that conflicts costs one refused transaction', async () => {
      const record = (await store.get('a', { last: 0 })) as SessionRecord;
      await store.commit('a', turn(record).changes[0]);
      expect(namesOf(await during(() => store.commit('a', turn(record).changes[0]).catch(() => {})))).toEqual([
        'GetItem',
      ]);
    });

    test('to a deletion is one write, and the purge', async () => {
      const id = randomUUID();
      await store.commit(id, creation('c1', [message('user', 10)]));
      expect(namesOf(await during(() => store.delete(id)))).toEqual(['PutItem', 'Query', 'BatchWriteItem', 'PutItem']);
    });
  });

  test('a turn costs what it weighs, whatever the history weighs', { timeout: 120_000 }, async () => {
    const sessionId = randomUUID();
    await store.commit(sessionId, { changeId: randomUUID(), life: null, owner: 'user-42' });
    let record = (await store.get(sessionId)) as SessionRecord;
    let content = 0;
    const turns: CountedRequest[][] = [];
    for (let index = 0; index < 1_050; index++) {
      const { changes, after, content: added } = turn(record);
      turns.push(
        await during(async () => {
          for (const change of changes) await store.commit(sessionId, change);
        }),
      );
      record = after;
      content += added;
    }
    const mean = (from: number, to: number, what: 'sent' | 'units') =>
      turns.slice(from, to).reduce((total, counted) => total + sum(counted, what), 0) / (to - from);
    const stored = (await itemsIn(prefix, sessionId)).reduce((total, item) => total + weightOf(item), 0);
    const sent = sum(turns.flat(), 'sent');
    console.log(`bytes sent per turn: turn 10 ${mean(0, 100, 'sent')}, turn 1,000 ${mean(950, 1050, 'sent')}`);
    console.log(`write units per turn: turn 10 ${mean(0, 100, 'units')}, turn 1,000 ${mean(950, 1050, 'units')}`);
    console.log(`against content: stored ${(stored / content).toFixed(3)}, sent ${(sent / content).toFixed(3)}`);
    expect(turns.flat()).toHaveLength(2_100);
    expect(mean(950, 1050, 'sent') / mean(0, 100, 'sent')).toBeLessThanOrEqual(1.1);
    expect(mean(950, 1050, 'units')).toBeLessThanOrEqual(mean(0, 100, 'units'));
    expect(stored / content).toBeLessThanOrEqual(1.5);
    expect(sent / content).toBeLessThanOrEqual(2.5);
  });

  test('the header of an ordinary session has less than 1 KB', async () => {
    const [header] = (await itemsIn(prefix, 'a')).filter((item) => item.sk.S === 'header');
    expect(weightOf(header ?? {})).toBeLessThan(1_024);
  });

  test.each([
    ['in turns', 50],
    ['250 at a time', 250],
  ])(
    'a window of 10,000 messages, stored %s, costs as much as one of 20',
    async (_, perChange) => {
      const sessions = { short: randomUUID(), long: randomUUID() };
      const fill = async (sessionId: string, count: number) => {
        await store.commit(sessionId, creation('c0'));
        for (let from = 0, base = 'c0'; from < count; from += perChange) {
          const append = Array.from({ length: Math.min(perChange, count - from) }, () => message('user', 1_000));
          await store.commit(sessionId, {
            changeId: `k${from}`,
            life: 'c0',
            threads: { main: { base, keep: from, append } },
          });
          base = `k${from}`;
        }
      };
      await fill(sessions.short, 20);
      await fill(sessions.long, 10_000);
      const cold = async (sessionId: string) => {
        const fresh = openStore({ prefix });
        const counted = countRequests(fresh.client);
        const record = await (fresh.store as FullSessionStore).get(sessionId, { last: 20 });
        expect(record?.threads?.main).toHaveLength(20);
        await fresh.close();
        return counted;
      };
      const [short, long] = [await cold(sessions.short), await cold(sessions.long)];
      console.log(
        `last 20 of 20: ${namesOf(short)} ${sum(short, 'received')} bytes ${sum(short, 'units')} units;`,
        `of 10,000 (${perChange} at a time): ${namesOf(long)} ${sum(long, 'received')} bytes ${sum(long, 'units')} units`,
      );
      expect(long.length).toBeLessThanOrEqual(2 * short.length);
      expect(sum(long, 'received')).toBeLessThanOrEqual(2 * sum(short, 'received'));
      expect(sum(long, 'units')).toBeLessThanOrEqual(2 * sum(short, 'units'));
    },
    120_000,
  );
});

/** What an item weighs, as DynamoDB counts it: names and values. */
function weightOf(item: Record<string, { S?: string; N?: string }>): number {
  return Object.entries(item).reduce(
    (total, [name, { S: text = '', N: number = '' }]) =>
      total + name.length + Buffer.byteLength(text) + number.length / 2,
    0,
  );
}
