import { expect, test } from 'vitest';
import type { Contender } from '../src/contender.ts';
import { bareFile } from '../src/contenders/bare-file.ts';
import { sessOnFiles } from '../src/contenders/sess-file.ts';
import { formatTable } from '../src/report/table.ts';
import { commit } from '../src/workloads/commit.ts';
import { crash } from '../src/workloads/crash.ts';
import { fan } from '../src/workloads/fan.ts';
import { grow } from '../src/workloads/grow.ts';
import { list } from '../src/workloads/list.ts';
import { race } from '../src/workloads/race.ts';
import { tail } from '../src/workloads/tail.ts';
import { benchOn } from './support/bench-on.ts';

const small = {
  growTurns: 150,
  growTimedTurns: 2,
  tailMessages: 200,
  fanSessions: 4,
  listSessions: 5,
  commitSliceMs: 5,
};
const benchFiles = () => benchOn('file', [sessOnFiles], { ...small, raceTurns: 3, kills: 2 });

test('grow counts the turns around a turn', async () => {
  const [row] = await grow.run(benchFiles());
  expect(row?.milestones).toMatchObject([{ turn: 10 }, { turn: 100 }]);
  for (const { sent, roundTrips, storedToContent } of row?.milestones ?? []) {
    expect(sent).toBeGreaterThan(2_900); // 2 KB, and a tenth of 8 KB
    expect(roundTrips).toBeGreaterThanOrEqual(1);
    expect(storedToContent).toBeGreaterThan(1);
  }
});

test('fan, tail, and list do what they say', async () => {
  expect(await fan.run(benchFiles())).toMatchObject([{ contender: 'sess', turns: 8 }]);
  expect(await list.run(benchFiles())).toMatchObject([{ contender: 'sess', sessions: 5 }]);
  const [row] = await tail.run(benchFiles());
  expect(row?.short?.cost.received).toBeGreaterThan(20 * 1_024);
  expect(row?.long?.messages).toBe(200);
});

test('four processes race, and processes are killed', { timeout: 60_000 }, async () => {
  expect(await race.run(benchFiles())).toMatchObject([
    { contender: 'sess', acknowledged: 12, lost: 0, doubled: 0, reordered: 0, refused: 0 },
  ]);
  expect(await crash.run(benchFiles())).toMatchObject([
    { contender: 'sess', kills: 2, lost: 0, doubled: 0, unreadable: 0 },
  ]);
});

test('commit compares with the bare driver', async () => {
  const rows = await commit.run(
    benchOn('file', [sessOnFiles, bareFile], { commitSlices: 3, commitSliceMs: 5, commitWarmUpMs: 5 }),
  );
  expect(rows.map(({ lanes }) => lanes)).toEqual([1, 32]);
  for (const { ratio, ratioP25, ratioP75 } of rows) {
    expect(ratioP25).toBeLessThanOrEqual(ratio);
    expect(ratio).toBeLessThanOrEqual(ratioP75);
  }
});

test('one that forgets has no figures, and the others have', async () => {
  const forgetful: Contender = {
    ...bareFile,
    name: 'forgetful',
    async open(place) {
      const opened = await bareFile.open(place);
      return { ...opened, tail: async () => [] };
    },
  };
  const rows = await grow.run(benchOn('file', [forgetful, bareFile], small));
  expect(rows).toMatchObject([
    { contender: 'forgetful', note: 'failed: Error: It does not answer what was said in turn 150.' },
    { contender: 'bare file', milestones: [{ turn: 10 }, { turn: 100 }] },
  ]);
});

test('one that never answers is given up', async () => {
  const silent: Contender = { ...bareFile, name: 'silent', open: () => new Promise(() => {}) };
  const rows = await fan.run(benchOn('file', [silent, bareFile], { ...small, limitMs: 2_000 }));
  expect(rows).toMatchObject([
    { contender: 'silent', note: 'failed: Error: It has not ended within 2 s.' },
    { contender: 'bare file', turns: 8 },
  ]);
});

test('a table is aligned Markdown', () => {
  expect(formatTable({ columns: ['who', 'ms', 'note'], rows: [['a|b', '1.5', 'x']] })).toBe(
    ['| who  |  ms | note |', '| ---- | --: | ---- |', '| a\\|b | 1.5 | x    |'].join('\n'),
  );
});
