import { checkId } from '@sess/core/store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf } from './samples.ts';

describe('an id', () => {
  test.each([
    'a',
    'A',
    '../../etc/passwd',
    'a/b',
    'CON',
    '*',
    '{x}',
    '$gt',
    '__proto__',
    'constructor',
    ' ',
    '.',
    '\u0000',
    '\n',
    'e\u0301',
    '\u00e9',
    '\ufeff',
    '\u{1f600}',
    'a'.repeat(512),
    '\u00e9'.repeat(256),
    '\u20ac'.repeat(170),
    '\u{1f600}'.repeat(128),
  ])('%j is ordinary, and left as it is', (id) => {
    expect(checkId(id)).toBe(id);
  });

  test.each<unknown>([
    '',
    'a'.repeat(513),
    '\u00e9'.repeat(257),
    '\u20ac'.repeat(171),
    `${'\u{1f600}'.repeat(128)}a`,
    'a\ud800',
    '\udc00a',
    undefined,
    null,
    0,
    1,
    true,
    {},
    { $gt: '' },
    ['a'],
    { toString: () => 'a' },
  ])('%j is refused', async (id) => {
    await errorOf(() => checkId(id), 'INVALID_ID');
  });

  test.each<[string, unknown]>([
    ['a boxed string', new String('a')],
    ['a symbol', Symbol('a')],
    ['a function', () => 'a'],
  ])('%s is refused', async (_, id) => {
    await errorOf(() => checkId(id), 'INVALID_ID');
  });

  test('a string is one if it is well-formed, and has 1 to 512 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const fits = text !== '' && Buffer.byteLength(text) <= 512;
        if (fits) expect(checkId(text)).toBe(text);
        else expect(() => checkId(text)).toThrow();
      }),
    );
  });

  test('the message says what the id is of, and not what it is', async () => {
    expect((await errorOf(() => checkId('secret\ud800', 'thread name'), 'INVALID_ID')).message).toContain(
      'thread name',
    );
    expect((await errorOf(() => checkId('secret\ud800'), 'INVALID_ID')).message).not.toContain('secret');
  });
});
