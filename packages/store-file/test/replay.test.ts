import { message } from '@sess/store-tests/session';
import { describe, expect, test } from 'vitest';
import type { Witness } from '../src/journal-line.ts';
import { type EncodedLine, encode } from '../src/line.ts';
import { Replay } from '../src/replay.ts';
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

describe('what a writer says it had read', () => {
  const LINES = 10_000;
  const { replay, witnesses } = replayed(LINES);
  const after = (witness: Witness | undefined) => () => feed(replay, encode({ seal: true, ...(witness as Witness) }));
  const wrong = (witness: Witness | undefined) => ({ ...(witness as Witness), sum: '00000000' });

  test.each([1, 1000, 4095])('is compared %i lines back', (back) => {
    expect(after(wrong(witnesses[LINES - back]))).toThrow('are not those that were written');
    expect(after(witnesses[LINES - back])).not.toThrow();
  });

  test('is believed where it was further behind', () => {
    expect(after(wrong(witnesses[1]))).not.toThrow();
  });
});

/** The replay of so many lines, and what each of their writers had to say. */
function replayed(lines: number): { replay: Replay; witnesses: Witness[] } {
  const replay = new Replay('a', 'path');
  const witnesses: Witness[] = [];
  for (let line = 0; line < lines; line++) {
    witnesses.push(replay.witness);
    feed(replay, encodeWrite({ kind: 'delete' }, { ...replay.witness, now: 1 }));
  }
  return { replay, witnesses };
}

function feed(replay: Replay, { bytes }: EncodedLine): void {
  replay.feed(replay.position === 0 ? bytes : Buffer.concat([Buffer.from('\n'), bytes]), true);
}
