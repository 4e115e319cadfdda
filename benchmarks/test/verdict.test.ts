import { expect, test } from 'vitest';
import { turnMessages } from '../src/messages.ts';
import { judge } from '../src/workloads/verdict.ts';

const told = (...turns: [writer: string, turn: number][]) =>
  turns.flatMap(([writer, turn]) => turnMessages(turn, writer));

test('what is there once and in order is right, with or without turns that nobody acknowledged', () => {
  const history = told(['a', 1], ['b', 1], ['a', 2], ['b', 10], ['a', 3]);
  expect(judge(history, { a: [1, 2], b: [1, 10] })).toEqual({ acknowledged: 4, lost: 0, doubled: 0, reordered: 0 });
});

test('what is not there, or not whole, is lost', () => {
  const history = told(['a', 1], ['a', 2]).slice(0, -1);
  expect(judge(history, { a: [1, 2, 3] })).toMatchObject({ acknowledged: 3, lost: 2 });
});

test('what is there twice is doubled', () => {
  expect(judge(told(['a', 1], ['b', 1], ['a', 1]), { a: [1], b: [1] })).toMatchObject({ lost: 0, doubled: 1 });
});

test('what stands before an earlier turn of its writer is reordered', () => {
  expect(judge(told(['a', 2], ['b', 1], ['a', 1]), { a: [1, 2], b: [1] })).toMatchObject({ lost: 0, reordered: 1 });
  expect(judge(told(['a', 1]).reverse(), { a: [1] })).toMatchObject({ reordered: 1 });
});
