import { expect, test } from 'vitest';
import type { Contender } from '../src/contender.ts';
import { bareFile } from '../src/contenders/bare-file.ts';
import { sessOnFiles } from '../src/contenders/sess-file.ts';
import { byTurns } from '../src/workloads/each-contender.ts';
import { durationsOf } from '../src/workloads/timing.ts';
import { benchOn } from './support/bench-on.ts';

const others = ['b', 'c'].map((name): Contender => ({ ...bareFile, name }));
const bench = () => benchOn('file', [sessOnFiles, ...others]);

test('contenders take turns, and each time another one goes first', async () => {
  const slices: string[] = [];
  const rows = await byTurns(bench(), 'test', async function* ({ name }) {
    for (const slice of name === 'c' ? [1] : [1, 2, 3]) {
      slices.push(`${name}${slice}`);
      yield;
    }
    return { contender: name };
  });
  expect(slices).toEqual(['sess1', 'b1', 'c1', 'b2', 'sess2', 'sess3', 'b3']);
  expect(rows).toEqual([{ contender: 'sess' }, { contender: 'b' }, { contender: 'c' }]);
});

test('who fails half-way has a row that says why, and the others go on', async () => {
  const rows = await byTurns(bench(), 'test', async function* ({ name }) {
    yield;
    if (name === 'b') throw new TypeError('no such thing');
    yield;
    return name === 'c' ? undefined : { contender: name };
  });
  expect(rows).toEqual([{ contender: 'sess' }, { contender: 'b', note: 'failed: TypeError: no such thing' }]);
});

test('where sess fails, all close what they have open, and it is told', async () => {
  const open = new Set<string>();
  const run = byTurns(bench(), 'test', async function* ({ name }) {
    open.add(name);
    try {
      yield;
      if (name === 'sess') throw new Error('it is broken');
      yield;
      return { contender: name };
    } finally {
      open.delete(name);
    }
  });
  await expect(run).rejects.toThrow('it is broken');
  expect(open).toEqual(new Set());
});

test('durations are taken ten at a time, until there are enough or the time is over', async () => {
  const take = async (patienceMs: number) => {
    const numbers: number[] = [];
    const durations = durationsOf(25, patienceMs, async (number) => void numbers.push(number));
    const sizes: number[] = [];
    for (;;) {
      const { done, value } = await durations.next();
      if (done) return { sizes, numbers, count: value?.length };
      sizes.push(numbers.length);
    }
  };
  expect(await take(Number.POSITIVE_INFINITY)).toEqual({
    sizes: [0, 10, 20],
    numbers: Array.from({ length: 25 }, (_, index) => index + 1),
    count: 25,
  });
  expect(await take(0)).toEqual({ sizes: [], numbers: [], count: 0 });
});
