import { message } from '@sess/store-tests/session';
import { expect, test } from 'vitest';
import { encodeWrite } from '../src/write-line.ts';

const TEXT = message('text');

test.each([
  ['a creation', { life: null, owner: 'somebody', metadata: { title: 'a', gone: null } }],
  ['messages', { life: 'l', threads: { main: { base: null, keep: 0, append: [TEXT, TEXT] } } }],
  [
    'a turn',
    { life: 'l', threads: { ['__proto__']: { base: 'b', keep: 3, append: [], turn: null } }, holds: { b: 't' } },
  ],
  ['no state', { life: 'l', state: { base: null } }],
  ['a state', { life: 'l', state: { base: null, value: { 2: 'two', a: [null, 1e300] } } }],
  ['much', { life: 'l', threads: { main: { base: null, keep: 0, append: [message('long', 100_000)] } } }],
])('what a writer knows of its line is what others read there: %s', (_, change) => {
  const write = { kind: 'commit', change: { changeId: 'c', ...change } } as const;
  const { bytes, line } = encodeWrite(write as never, { read: 1, sum: '00000000', now: 1, ttl: 2 });
  const text = bytes.toString().trim().split('\n').at(-1) ?? '';
  expect(JSON.parse(text.slice(0, -9))).toStrictEqual(line);
});
