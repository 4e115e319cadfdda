import { expect, test } from 'vitest';
import { readOptions } from '../src/options.ts';

test('everything, unless something is named', () => {
  expect(readOptions([])).toMatchObject({ quick: false, check: false });
  expect(readOptions([]).backends).toHaveLength(4);
  expect(readOptions([]).workloads).toHaveLength(7);
  expect(readOptions(['--store', 'redis', '--only', 'race', '--only', 'grow', '--quick', '--check'])).toEqual({
    backends: ['redis'],
    workloads: ['grow', 'race'],
    quick: true,
    check: true,
  });
});

test('what does not exist is refused, with what does', () => {
  expect(() => readOptions(['--store', 'oracle'])).toThrow('--store oracle: there are file, redis, mongodb, dynamodb.');
  expect(() => readOptions(['--only', 'speed'])).toThrow('--only speed');
  expect(() => readOptions(['--fast'])).toThrow();
});
