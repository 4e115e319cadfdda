import { expect, test } from 'vitest';
import { mean, percentile } from '../src/statistics.ts';

test('a percentile is one of the values', () => {
  const values = [10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
  expect([0, 10, 50, 51, 99, 100].map((percent) => percentile(values, percent))).toEqual([1, 1, 5, 6, 10, 10]);
  expect(percentile([7], 50)).toBe(7);
  expect(percentile([], 50)).toBeNaN();
});

test('a mean', () => {
  expect(mean([1, 2, 6])).toBe(3);
});
