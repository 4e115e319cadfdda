import { pairsOf } from '@sess/store-tests/check-pairs';
import { Race } from '@sess/store-tests/race';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onDynamodb } from './support/on-dynamodb.ts';
import { openStore } from './support/open-store.ts';

const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const COMMITS = 30;

onDynamodb('four processes on one session', () => {
  describe('four processes on one session', () => {
    const { store, prefix, close } = openStore();
    let race: Race;
    beforeAll(async () => {
      race = await Race.start(new URL('./support/race-worker.ts', import.meta.url), { prefix });
    });
    afterAll(async () => {
      await race.stop();
      await close();
    });
    let acknowledged = 0;

    test.each(SEEDS)('nothing acknowledged is lost, doubled or reordered (seed %i)', async (seed) => {
      const sessionId = `s${seed}`;
      const results = await race.run({ sessionId, seed, commits: COMMITS });
      const landed = results.flatMap((result) => result.acknowledged);
      const record = await store.get(sessionId);
      if (record === undefined) throw new Error('the session is gone');
      expect(results.flatMap(({ unknown }) => unknown)).toEqual([]);
      expect(landed.filter(({ kind }) => kind === 'create')).toHaveLength(1);
      const namesOf = (kind: string, writer?: number) =>
        landed
          .filter((it) => it.kind === kind && (writer === undefined || it.name.startsWith(`${writer}.`)))
          .map(({ name }) => name);
      expect(pairsOf(record, 'main').sort()).toEqual(namesOf('shared').sort());
      for (const writer of results.keys()) expect(pairsOf(record, `own ${writer}`)).toEqual(namesOf('own', writer));
      expect(record.state).toEqual({ count: namesOf('state').length });
      expect(record.changes).toBe(landed.length);
      acknowledged += landed.length;
    });

    test.each(SEEDS)('a deleted session stays deleted (seed %i)', async (seed) => {
      const sessionId = `d${seed}`;
      await store.commit(sessionId, { changeId: 'first', life: null, state: { base: null, value: { count: 0 } } });
      const results = await race.run({ sessionId, seed, commits: COMMITS, deletesAfter: seed % 7 });
      expect(results[0]?.deleted).toBe(true);
      expect(await store.get(sessionId)).toBeUndefined();
      await store.commit(sessionId, { changeId: 'again', life: null });
      expect(await store.get(sessionId)).toMatchObject({ life: 'again', changes: 1, threads: {}, lengths: {} });
      acknowledged += results.flatMap((result) => result.acknowledged).length;
    });

    test('enough was acknowledged to tell', () => {
      expect(acknowledged).toBeGreaterThanOrEqual(2_000);
    });
  });
});
