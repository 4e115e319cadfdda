import { textsOf } from '@sess/store-tests/session';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freshPrefix, openStore } from './support/open-store.ts';
import { type Acknowledged, Racers } from './support/race.ts';
import { onServer, server } from './support/server.ts';

const PROCESSES = 4;
const SEEDS = 20;
const COMMITS = 30;

onServer('races', () => {
  const prefix = freshPrefix();
  let racers: Racers;
  let acknowledged = 0;

  beforeAll(async () => {
    racers = await Racers.start(PROCESSES, { url: server.url, prefix });
  });
  afterAll(() => racers?.end());

  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
    'four processes, seed %i',
    { timeout: 120_000 },
    async (seed) => {
      const store = openStore({ prefix });
      await store.commit(`${seed}`, { changeId: 'c0', life: null });
      const done = await racers.race(seed, COMMITS);
      const record = await store.get(`${seed}`);
      const all = (field: 'shared' | 'own' | 'reborn') => done.flatMap((it) => it[field]);

      expectInOrder(textsOf(record, 'shared'), done);
      done.forEach(({ own }, worker) => {
        expect(textsOf(record, `own-${worker}`)).toEqual(own);
      });
      const increments = done.reduce((sum, it) => sum + it.increments, 0);
      expect(record?.state ?? 0).toBe(increments);
      expect(record?.changes).toBe(1 + all('shared').length + all('own').length + increments);

      expect(done.filter(({ created }) => created)).toHaveLength(1);
      expect((await store.get(`${seed}-new`))?.state).toBe(done.findIndex(({ created }) => created));

      // What is there was acknowledged to its creator, and begins with what that wrote.
      const short = await store.get(`${seed}-short`);
      if (short !== undefined) {
        expect(all('reborn')).toContain(short.life);
        expect(textsOf(short)[0]).toBe(`${short.life} born`);
        const deletions = done.reduce((sum, it) => sum + it.deleted.length, 0);
        expect(all('reborn').length - deletions).toBe(1);
      } else expect(all('reborn')).toHaveLength(done.reduce((sum, it) => sum + it.deleted.length, 0));
      acknowledged += 1 + (record?.changes ?? 0) + all('reborn').length;
    },
  );

  test('that was enough to tell', () => {
    expect(acknowledged).toBeGreaterThanOrEqual(2_000);
    console.log(`${acknowledged} commits of ${PROCESSES} processes were acknowledged.`);
  });
});

/** Nothing lost, doubled or torn apart, and each writer's changes in the order in which it made them. */
function expectInOrder(texts: readonly string[], done: readonly Acknowledged[]): void {
  const pairs = Array.from({ length: texts.length / 2 }, (_, index) => texts.slice(2 * index, 2 * index + 2));
  expect(pairs.filter(([first, second]) => first !== second)).toEqual([]);
  const names = pairs.map(([first]) => first);
  done.forEach(({ shared }, worker) => {
    expect(names.filter((name) => name?.startsWith(`${worker}.`))).toEqual(shared);
  });
  expect(names).toHaveLength(done.reduce((sum, { shared }) => sum + shared.length, 0));
}
