import { openTimed } from '../bench.ts';
import { turnMessages } from '../messages.ts';
import { formatCount, formatMs } from '../report/format.ts';
import { percentile } from '../statistics.ts';
import { byTurns } from './each-contender.ts';
import { inLanes } from './in-lanes.ts';
import { durationOf } from './timing.ts';
import { type ContenderRow, patience, type Workload } from './workload.ts';

const AT_ONCE = 32;
const SESSIONS_A_SLICE = 4 * AT_ONCE;

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
    byTurns<FanRow>(bench, 'fan', async function* (contender, { fanSessions, fanTurns, patienceMs }) {
      const opened = await openTimed(bench, contender);
      try {
        await opened.turn('warm-up', turnMessages(1));
        const latencies: number[] = [];
        let spentMs = 0;
        for (let first = 0; first < fanSessions && spentMs < patienceMs; first += SESSIONS_A_SLICE) {
          yield;
          const mayGoOn = patience(patienceMs - spentMs);
          const runSession = async (index: number) => {
            const sessionId = `session-${first + index}`;
            for (let turn = 1; turn <= fanTurns && mayGoOn(); turn += 1) {
              latencies.push(await durationOf(() => opened.turn(sessionId, turnMessages(turn))));
            }
          };
          const sessions = Math.min(SESSIONS_A_SLICE, fanSessions - first);
          spentMs += await durationOf(() => inLanes(AT_ONCE, sessions, runSession));
        }
        const turns = latencies.length;
        return {
          contender: contender.name,
          turns,
          perSecond: (turns * 1_000) / spentMs,
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
