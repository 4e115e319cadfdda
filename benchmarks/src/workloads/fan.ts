import { openTimed } from '../bench.ts';
import { turnMessages } from '../messages.ts';
import { formatCount, formatMs } from '../report/format.ts';
import { percentile } from '../statistics.ts';
import { inLanes } from './in-lanes.ts';
import { type ContenderRow, eachContender, patience, type Workload } from './workload.ts';

const AT_ONCE = 32;

export interface FanRow extends ContenderRow {
  readonly turns?: number;
  readonly perSecond?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export const fan: Workload<FanRow> = {
  title: 'Fan',
  description: `1,000 sessions of 20 turns, ${AT_ONCE} sessions at a time. Turns are those of Grow.`,

  run: (bench) =>
    eachContender<FanRow>(bench, 'fan', async (contender, scale) => {
      const { fanSessions, fanTurns } = scale;
      const opened = await openTimed(bench, contender);
      try {
        await opened.turn('warm-up', turnMessages(1));
        const latencies: number[] = [];
        const mayGoOn = patience(scale);
        const start = performance.now();
        await inLanes(AT_ONCE, fanSessions, async (session) => {
          for (let turn = 1; turn <= fanTurns && mayGoOn(); turn += 1) {
            const before = performance.now();
            await opened.turn(`session-${session}`, turnMessages(turn));
            latencies.push(performance.now() - before);
          }
        });
        const turns = latencies.length;
        return {
          contender: contender.name,
          turns,
          perSecond: (turns * 1_000) / (performance.now() - start),
          p50Ms: percentile(latencies, 50),
          p99Ms: percentile(latencies, 99),
          ...(turns < fanSessions * fanTurns && {
            note: `ended after ${turns.toLocaleString('en')} turns, for want of time`,
          }),
        };
      } finally {
        await opened.close();
      }
    }),

  table: (rows) => ({
    columns: ['contender', 'turns', 'turns/s', 'p50 ms', 'p99 ms', 'note'],
    rows: rows.map(({ contender, turns, perSecond, p50Ms, p99Ms, note = '' }) => [
      contender,
      formatCount(turns),
      formatCount(perSecond && Math.round(perSecond)),
      formatMs(p50Ms),
      formatMs(p99Ms),
      note,
    ]),
  }),
};
