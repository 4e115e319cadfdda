import { expect, test } from 'vitest';
import { checkBudgets } from '../src/budgets.ts';
import type { BackendResults } from '../src/results.ts';

const milestone = (turn: number, sent: number) => ({
  ...{ turn, sent, roundTrips: 2, received: 1 },
  ...{ sentToContent: 1.4, storedToContent: 1.4 },
});

function results(change: Partial<BackendResults> = {}): BackendResults {
  return {
    backend: 'redis',
    server: 'Redis',
    durability: 'always',
    grow: [{ contender: 'sess', milestones: [milestone(10, 1_000), milestone(1_000, 1_100)] }],
    race: [{ contender: 'sess', acknowledged: 10, lost: 0, doubled: 0, reordered: 0, refused: 0 }],
    ...change,
  };
}

const broken = (change: Partial<BackendResults>) =>
  checkBudgets([results(change)])
    .filter(({ holds }) => !holds)
    .map(({ title }) => title);

test('what is within the limits holds', () => {
  const checked = checkBudgets([results()]);
  expect(checked.map(({ holds }) => holds)).toEqual(checked.map(() => true));
  expect(checked).toHaveLength(6);
});

test('what is beyond a limit does not', () => {
  const milestones = [milestone(10, 1_000), milestone(1_000, 1_101)];
  expect(broken({ grow: [{ contender: 'sess', milestones }] })).toEqual([
    'bytes sent for a turn: turn 1,000 against turn 10',
  ]);
  expect(broken({ race: [{ contender: 'sess', lost: 1, doubled: 1, reordered: 1 }] })).toEqual([
    'race: lost',
    'race: doubled',
    'race: reordered',
  ]);
});

test('what is no number breaks its budget', () => {
  const milestones = [milestone(10, 1_000), { ...milestone(1_000, 1_000), storedToContent: Number.NaN }];
  expect(broken({ grow: [{ contender: 'sess', milestones }] })).toEqual([
    'bytes stored against content, after 1,000 turns',
  ]);
});

test('what others cost is no concern', () => {
  expect(broken({ race: [...(results().race ?? []), { contender: 'other', lost: 9 }] })).toEqual([]);
});

test('a slow commit is told, and is no count', () => {
  const row = { contender: 'sess', durability: 'always', hasBudget: true, lanes: 1, perSecond: 1, barePerSecond: 2 };
  const commit = [
    { ...row, ratio: 0.5, ratioP25: 0.4, ratioP75: 0.6 },
    { ...row, ratio: 0.1, ratioP25: 0.1, ratioP75: 0.1, hasBudget: false },
  ];
  expect(checkBudgets([results({ commit })]).at(-1)).toMatchObject({ value: 0.5, holds: false, isCount: false });
});
