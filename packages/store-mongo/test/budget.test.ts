import { randomUUID } from 'node:crypto';
import type { SessionChange } from '@sess/core/store';
import { append, message, textsOf } from '@sess/store-tests/session';
import { BSON } from 'mongodb';
import { expect, test } from 'vitest';
import { collectionsOf } from './support/collections.ts';
import { freshPrefix, openCounted } from './support/open-store.ts';
import { onServer } from './support/server.ts';

const TURNS = 1_050;

interface Cost {
  readonly commands: number;
  readonly sent: number;
}

const sum = (costs: readonly Cost[], field: keyof Cost) => costs.reduce((total, cost) => total + cost[field], 0);

/** A chat as `send` makes it: a commit for each question, one for each answer, and nothing read in between. */
async function* chat(texts: (turn: number) => [string, string]): AsyncGenerator<SessionChange> {
  let life: string | null = null;
  let base: string | null = null;
  let keep = 0;
  for (let turn = 1; turn <= TURNS; turn += 1) {
    for (const text of texts(turn)) {
      const changeId = randomUUID();
      yield { changeId, life, threads: { main: { base, keep, append: [message(text)] } } };
      life ??= changeId;
      base = changeId;
      keep += 1;
    }
  }
}

onServer('budgets', () => {
  test('a turn costs what it weighs, whatever the history weighs', { timeout: 120_000 }, async () => {
    const prefix = freshPrefix();
    const { store, commands, bytes } = await openCounted({ prefix });
    await store.get('warm-up');
    const costs: Cost[] = [];
    let content = 0;
    commands();
    bytes();
    for await (const change of chat((turn) => [`question ${turn}`.padEnd(700), `answer ${turn}`.padEnd(1_250)])) {
      content += JSON.stringify(change.threads?.main?.append[0]).length;
      await store.commit('a', change);
      costs.push({ commands: commands().length, sent: bytes().sent });
    }
    const early = sum(costs.slice(0, 200), 'sent') / 100;
    const late = sum(costs.slice(-200), 'sent') / 100;
    const perCommit = sum(costs, 'commands') / costs.length;
    const most = Math.max(...costs.map((cost) => cost.commands));
    let stored = 0;
    const { sessions, segments } = collectionsOf(prefix);
    for (const collection of [sessions, segments]) {
      for await (const document of collection.find()) stored += BSON.calculateObjectSize(document);
    }
    console.log(
      `bytes sent per turn: turn 10 ${early}, turn 1,000 ${late}; sent against content ` +
        `${(sum(costs, 'sent') / content).toFixed(2)}, stored ${(stored / content).toFixed(2)}; ` +
        `commands per commit ${perCommit.toFixed(3)}, at most ${most}`,
    );
    expect(late / early).toBeLessThanOrEqual(1.1);
    expect(sum(costs, 'sent') / content).toBeLessThanOrEqual(2.5);
    expect(stored / content).toBeLessThanOrEqual(1.5);
    expect(perCommit).toBeLessThanOrEqual(1.5);
    expect(most).toBeLessThanOrEqual(4);
  });

  test.each([
    { what: 'short messages', bytes: 60 },
    { what: 'messages of 3 KB', bytes: 3_000 },
  ])('with $what a commit takes 1.5 commands on average, and 4 at most', { timeout: 60_000 }, async ({ bytes }) => {
    const { store, commands } = await openCounted({ prefix: freshPrefix() });
    await store.get('warm-up');
    const counts: number[] = [];
    commands();
    for await (const change of chat((turn) => [`${turn}?`.padEnd(bytes), `${turn}!`.padEnd(bytes)])) {
      if (counts.length === 400) break;
      await store.commit('a', change);
      counts.push(commands().length);
    }
    expect(counts.reduce((total, count) => total + count) / counts.length).toBeLessThanOrEqual(1.5);
    expect(Math.max(...counts)).toBeLessThanOrEqual(4);
  });

  test('every ordinary change is one command', async () => {
    for (const ttl of [undefined, 3_600_000]) {
      const { store, commands } = await openCounted({ prefix: freshPrefix(), ttl });
      await store.get('warm-up');
      commands();
      const turn = { id: 't1', at: 0, leaseMs: 1_000, beat: 0 };
      const changes: SessionChange[] = [
        {
          changeId: 'c1',
          life: null,
          owner: 'ada',
          threads: { main: { base: null, keep: 0, append: [message('one')], turn } },
        },
        { changeId: 'c2', life: 'c1', threads: { main: { base: 'c1', keep: 1, append: [message('two')] } } },
        { changeId: 'c3', life: 'c1', threads: { side: { base: null, keep: 0, append: [] } }, holds: { main: 't1' } },
        {
          changeId: 'c4',
          life: 'c1',
          state: { base: null, value: { cart: [] } },
          metadata: { title: 'x', gone: null },
        },
        { changeId: 'c5', life: 'c1', state: { base: 'c4', value: undefined } },
        { changeId: 'c6', life: 'c1', holds: { main: 't1' } },
        { changeId: 'c7', life: 'c1' },
        {
          changeId: 'c8',
          life: 'c1',
          threads: { main: { base: 'c2', keep: 2, append: [message('three')], turn: null } },
          holds: { main: 't1' },
        },
      ];
      for (const change of changes) {
        await store.commit('a', change);
        expect([change.changeId, commands()]).toEqual([change.changeId, ['findAndModify']]);
      }
      expect(await store.get('a')).toMatchObject({
        changes: 8,
        lengths: { main: 3, side: 0 },
        metadata: { title: 'x' },
      });
    }
  });

  test.each([
    { what: 'short', bytes: 60 },
    { what: 'long', bytes: 2_000 },
  ])(
    'a window of 20 $what messages costs at most twice as much from 10,000 as from 20',
    { timeout: 60_000 },
    async (it) => {
      const prefix = freshPrefix();
      const { store, commands, bytes } = await openCounted({ prefix });
      const messages = (from: number, count: number) =>
        Array.from({ length: count }, (_, index) => message(`m${from + index}`.padEnd(6), it.bytes));
      await append(store, 'short', messages(0, 20));
      for (let from = 0; from < 9_900; from += 300) await append(store, 'long', messages(from, 300));
      for (let from = 9_900; from < 10_000; from += 1) await append(store, 'long', messages(from, 1));
      const cost = async (id: string, read: object) => {
        commands();
        bytes();
        const record = await store.get(id, read);
        const { sent, received } = bytes();
        return { record, commands: commands().length, bytes: sent + received };
      };
      const short = await cost('short', { last: 20 });
      expect(textsOf(short.record)).toHaveLength(20);
      for (const read of [{ last: 20 }, { last: 20, before: 5_000 }, { last: 20, before: 30 }]) {
        const long = await cost('long', read);
        console.log(`${JSON.stringify(read)}, ${it.what}: ${long.bytes} bytes of 10,000, ${short.bytes} of 20`);
        expect(textsOf(long.record)).toHaveLength(20);
        expect(long.record?.lengths).toEqual({ main: 10_000 });
        expect(long.commands).toBeLessThanOrEqual(2 * short.commands);
        expect(long.bytes).toBeLessThanOrEqual(2 * short.bytes);
      }
    },
  );
});
