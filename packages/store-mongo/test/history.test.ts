import { memoryStore } from '@sess/core';
import { type FullSessionStore, SessError, type SessionChange, type SessionRecord } from '@sess/core/store';
import { type SeededRandom, seededRandom } from '@sess/store-tests/seeded-random';
import { message } from '@sess/store-tests/session';
import { expect, test, vi } from 'vitest';
import { freshPrefix, openStore } from './support/open-store.ts';
import { onServer } from './support/server.ts';

const SEEDS = 20;
const STEPS = 40;
const KB = 1024;

/** The same call on both stores, and what came of it. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return 'done';
  } catch (error) {
    if (!SessError.is(error)) throw error;
    return { code: error.code, parts: error.parts, outcome: error.outcome };
  }
}

/** What must be equal in both: all but the times, which pass differently. */
function comparable(record: SessionRecord | undefined) {
  if (record === undefined) return undefined;
  const { createdAt: _, updatedAt: __, expiresAt: ___, ...rest } = record;
  return rest;
}

function randomChange(random: SeededRandom, step: number, record: SessionRecord | undefined): SessionChange {
  const changeId = `c${step}`;
  const base = { changeId, life: record?.life ?? null };
  const size = random.pick([10, 500, 3 * KB, 30 * KB, 90 * KB]);
  const messages = Array.from({ length: random.below(5) }, (_, index) => message(`${step}.${index}`, size));
  const thread = random.pick(['main', 'side', '__proto__']);
  const length = record?.lengths[thread] ?? 0;
  const version = record && Object.hasOwn(record.versions.threads, thread) ? record.versions.threads[thread] : null;
  const cut = random.below(3) === 0 ? random.below(length + 2) : length;
  const threads = Object.fromEntries([[thread, { base: version ?? null, keep: cut, append: messages }]]);
  const state = {
    base: record?.versions.state ?? null,
    value: { step, text: 's'.repeat(random.pick([5, 20 * KB, 60 * KB])) },
  };
  return random.pick<SessionChange>([
    { ...base, threads },
    { ...base, threads },
    { ...base, threads },
    { ...base, threads, state },
    { ...base, state },
    { ...base, state: { ...state, value: undefined } },
    { ...base, metadata: { [random.pick(['a', 'b.$', ''])]: random.pick([step, null]) } },
    { ...base, threads: { main: { base: 'stale', keep: 0, append: messages } } },
    base,
  ]);
}

async function step(
  random: SeededRandom,
  number: number,
  stores: FullSessionStore[],
  record: SessionRecord | undefined,
) {
  const threads = { main: [message('saved', random.pick([10, 50 * KB]))] };
  const change = randomChange(random, number, record);
  const chosen = random.below(12);
  const call = (store: FullSessionStore) => {
    if (chosen === 0) return store.delete('a');
    if (chosen === 1) return store.save('a', { threads, state: { number } });
    return store.commit('a', change);
  };
  const [expected, ...others] = await Promise.all(stores.map((store) => outcome(call(store))));
  for (const other of others) expect(other).toEqual(expected);
}

onServer('histories', () => {
  test.each(Array.from({ length: SEEDS }, (_, seed) => seed))('random history %i is as in memory', async (seed) => {
    const random = seededRandom(seed);
    const store = openStore({ prefix: freshPrefix() });
    const memory = memoryStore();
    for (let number = 1; number <= STEPS; number += 1) {
      vi.spyOn(crypto, 'randomUUID').mockReturnValue(`0-0-0-${seed}-${number}`); // what a save is called by
      await step(random, number, [memory, store], await memory.get('a', { last: 0 }));
      if (random.below(6) === 0) await store.sweep();
      const record = await memory.get('a');
      expect(comparable(await store.get('a'))?.versions).toEqual(record?.versions);
      const length = record?.lengths.main ?? 0;
      const read = { last: random.below(10), before: random.below(length + 3), threads: ['main', '__proto__'] };
      expect(comparable(await store.get('a', read))).toEqual(comparable(await memory.get('a', read)));
      expect(comparable(await store.get('a'))).toEqual(comparable(record));
    }
  });
});
