import { describe, expect, test } from 'vitest';
import { describeDifferences, differences } from '../src/differences.ts';

describe('values are told apart', () => {
  test.each<[string, unknown, unknown]>([
    ['an array, and one with undefined behind', [1], [1, undefined]],
    ['an array, and one with a hole behind', [1], Object.assign([1], { length: 2 })],
    ['no items, and a hole', { main: [] }, { main: new Array(1) }],
    ['null, and undefined in an array', [null], [undefined]],
    ['an array, and a shorter one', [1, 2], [1]],
    ['0, and -0', 0, -0],
    ['an array, and an object', [], {}],
  ])('%s', (_, one, other) => {
    expect(differences(one, other)).toHaveLength(1);
    expect(differences(other, one)).toHaveLength(1);
  });

  test.each<[string, unknown, unknown]>([
    ['no property, and one that is undefined', {}, { a: undefined }],
    ['properties in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ])('but not %s', (_, one, other) => {
    expect(differences(one, other)).toEqual([]);
    expect(differences(other, one)).toEqual([]);
  });

  test('and the place is named', () => {
    const found = differences({ threads: { main: ['one'] } }, { threads: { main: ['one', undefined] } });
    expect(describeDifferences(found)).toEqual(['threads.main[1]: expected nothing, got undefined in an array']);
  });
});
