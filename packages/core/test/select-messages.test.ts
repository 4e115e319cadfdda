import { applyChange, selectMessages } from '@sess/core/store';
import { describe, expect, test } from 'vitest';
import { frozen, textsOf, user } from './samples.ts';

const messages = ['0', '1', '2', '3', '4'].map(user);
const threads = JSON.parse('{"main": 5, "side": 1, "empty": 0, "__proto__": 2}') as Record<string, number>;
const session = frozen(
  applyChange(
    undefined,
    {
      changeId: 'c1',
      life: null,
      state: { base: null, value: 1 },
      threads: Object.fromEntries(
        Object.entries(threads).map(([name, length]) => [
          name,
          { base: null, keep: 0, append: messages.slice(0, length) },
        ]),
      ),
    },
    { sessionId: 'a', now: 1 },
  ),
);

function selected(read: Parameters<typeof selectMessages>[1]) {
  const { threads, partial } = selectMessages(session, read);
  return {
    texts: Object.fromEntries(Object.entries(threads ?? {}).map(([name, list]) => [name, textsOf(list)?.join('')])),
    offsets: Object.fromEntries(Object.entries(partial?.offsets ?? {})),
  };
}

const all = (values: unknown[]) =>
  Object.fromEntries(['main', 'side', 'empty', '__proto__'].map((name, index) => [name, values[index]]));

describe('the part of a session', () => {
  test('that asks for nothing is the session itself', () => {
    expect(selectMessages(session)).toBe(session);
    expect(selectMessages(session, {})).toBe(session);
    expect(selectMessages(session, { last: undefined } as never)).toBe(session);
  });

  test.each([
    [{ last: 2 }, ['34', '0', '', '01'], [3, 0, 0, 0]],
    [{ last: 1 }, ['4', '0', '', '1'], [4, 0, 0, 1]],
    [{ last: 0 }, ['', '', '', ''], [5, 1, 0, 2]],
    [{ last: 99 }, ['01234', '0', '', '01'], [0, 0, 0, 0]],
    [{ before: 2 }, ['01', '0', '', '01'], [0, 0, 0, 0]],
    [{ before: 0 }, ['', '', '', ''], [0, 0, 0, 0]],
    [{ before: 99 }, ['01234', '0', '', '01'], [0, 0, 0, 0]],
    [{ last: 2, before: 4 }, ['23', '0', '', '01'], [2, 0, 0, 0]],
    [{ last: 1, before: 2 }, ['1', '0', '', '1'], [1, 0, 0, 1]],
    [{ last: 0, before: 3 }, ['', '', '', ''], [3, 1, 0, 2]],
  ])('%j has these messages, from these offsets', (read, texts, offsets) => {
    expect(selected(read)).toEqual({ texts: all(texts), offsets: all(offsets) });
  });

  test('has only the threads that are asked for and there', () => {
    expect(selected({ threads: ['side', 'absent'] })).toEqual({ texts: { side: '0' }, offsets: { side: 0 } });
    expect(selected({ threads: ['main'], last: 1 })).toEqual({ texts: { main: '4' }, offsets: { main: 4 } });
    expect(selected({ threads: ['constructor'] })).toEqual({ texts: {}, offsets: {} });
    expect(selectMessages(session, { threads: [] })).toMatchObject({ threads: {}, partial: { offsets: {} } });
  });

  test('tells the rest in full', () => {
    const { threads: _, ...rest } = session;
    expect(selectMessages(session, { last: 0, threads: ['main'] })).toMatchObject(rest);
  });

  test('pages backwards without gap or overlap', () => {
    const pages: string[] = [];
    for (let before = 5; before > 0; ) {
      const { texts, offsets } = selected({ last: 2, before, threads: ['main'] });
      pages.unshift(texts.main ?? '');
      before = offsets.main ?? 0;
    }
    expect(pages).toEqual(['0', '12', '34']);
  });
});
