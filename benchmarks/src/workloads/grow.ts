import { type Bench, costOf, type Opened, openCounted, openTimed } from '../bench.ts';
import type { Contender } from '../contender.ts';
import type { Cost } from '../counting/counter.ts';
import { contentBytes, turnMessages } from '../messages.ts';
import { formatBytes, formatCount, formatMs, formatRatio } from '../report/format.ts';
import type { Scale } from '../scale.ts';
import { mean, percentile } from '../statistics.ts';
import { byTurns } from './each-contender.ts';
import { durationsOf } from './timing.ts';
import { type ContenderRow, patience, type Workload } from './workload.ts';

const SESSION = 'session-that-grows';
/** Turn 10 stands for turns 1 to 100, turn 100 for 51 to 150, turn 1,000 for 951 to 1,050. */
const MILESTONES = [10, 100, 1_000] as const;

export interface GrowRow extends ContenderRow {
  readonly milestones?: readonly Milestone[];
}

/** The mean of the hundred turns around a turn. */
export interface Milestone {
  readonly turn: number;
  /** Absent where not all of the hundred turns were timed. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly roundTrips: number;
  readonly sent: number;
  readonly received: number;
  /** After this turn: what was sent and what is stored, against the content. */
  readonly sentToContent: number;
  readonly storedToContent: number;
}

/** What was counted of each turn, and what was stored after those of {@link MILESTONES}. */
interface Counted {
  readonly costs: readonly Cost[];
  readonly stored: ReadonlyMap<number, number>;
}

export const grow: Workload<GrowRow> = {
  title: 'Grow',
  description:
    'One session of 1,000 turns of 1 KB + 1 KB, every tenth with a tool pair of 8 KB. Each turn loads it as a process does that has never seen it, appends, and saves. ' +
    'A figure is the mean of the hundred turns around it (turn 10: turns 1 to 100); stored and sent are compared with the content up to that turn.',

  run: (bench) =>
    byTurns<GrowRow>(bench, 'grow', async function* (contender, scale) {
      const counted = await countTurns(bench, contender, scale);
      const latencies = yield* timeTurns(bench, contender, scale);
      const done = Math.min(latencies.length, counted.costs.length);
      const isShort = latencies.length < scale.growTimedTurns || counted.costs.length < scale.growTurns;
      const note = isShort ? { note: `ended after ${done} turns, for want of time` } : {};
      return { contender: contender.name, milestones: milestonesOf(latencies, counted), ...note };
    }),

  table: (rows, { backend }) => ({
    columns: [
      ...['contender', 'turn', 'p50 ms', 'p99 ms', backend === 'file' ? 'syncs' : 'round trips'],
      ...['bytes sent', 'bytes received', 'sent/content', 'stored/content', 'note'],
    ],
    rows: rows.flatMap(({ contender, milestones = [], note = '' }) =>
      milestones.length === 0
        ? [[contender, ...Array(8).fill('—'), note]]
        : milestones.map((at, index) => [
            contender,
            formatCount(at.turn),
            formatMs(at.p50Ms),
            formatMs(at.p99Ms),
            formatCount(at.roundTrips),
            formatBytes(at.sent),
            formatBytes(at.received),
            formatRatio(at.sentToContent),
            formatRatio(at.storedToContent),
            index === 0 ? note : '',
          ]),
    ),
  }),
};

async function* timeTurns(bench: Bench, contender: Contender, { growTimedTurns, patienceMs }: Scale) {
  const opened = await openTimed(bench, contender);
  try {
    await opened.turn('warm-up', turnMessages(1));
    return yield* durationsOf(growTimedTurns, patienceMs, (turn) => opened.turn(SESSION, turnMessages(turn)));
  } finally {
    await opened.close();
  }
}

async function countTurns(bench: Bench, contender: Contender, scale: Scale): Promise<Counted> {
  const opened = await openCounted(bench, contender);
  try {
    const before = await opened.stored();
    const costs: Cost[] = [];
    const stored = new Map<number, number>();
    const mayGoOn = patience(scale.patienceMs);
    for (let turn = 1; turn <= scale.growTurns && mayGoOn(); turn += 1) {
      costs.push(await costOf(opened, () => opened.turn(SESSION, turnMessages(turn))));
      if (isMilestone(turn)) stored.set(turn, (await opened.stored()) - before);
    }
    await checkLast(opened, costs.length);
    return { costs, stored };
  } finally {
    await opened.close();
  }
}

/** What was not stored costs nothing: the last turn must be there. */
async function checkLast(opened: Opened, turn: number): Promise<void> {
  const expected = JSON.stringify(turnMessages(turn).at(-1)?.content);
  const [last] = await opened.tail(SESSION, 1);
  if (JSON.stringify(last?.content) !== expected) throw new Error(`It does not answer what was said in turn ${turn}.`);
}

function milestonesOf(latencies: readonly number[], { costs, stored }: Counted): Milestone[] {
  const milestones: Milestone[] = [];
  for (const turn of MILESTONES) {
    const [from, to] = [Math.max(0, turn - 50), Math.max(100, turn + 50)];
    if (costs.length < to) continue;
    const timed = latencies.length < to ? [] : latencies.slice(from, to);
    const around = costs.slice(from, to);
    const content = Array.from({ length: turn }, (_, index) => contentBytes(turnMessages(index + 1)));
    const contentUpTo = content.reduce((sum, bytes) => sum + bytes, 0);
    milestones.push({
      turn,
      ...(timed.length > 0 && { p50Ms: percentile(timed, 50), p99Ms: percentile(timed, 99) }),
      roundTrips: mean(around.map(({ roundTrips }) => roundTrips)),
      sent: mean(around.map(({ sent }) => sent)),
      received: mean(around.map(({ received }) => received)),
      sentToContent: costs.slice(0, turn).reduce((sum, { sent }) => sum + sent, 0) / contentUpTo,
      storedToContent: (stored.get(turn) ?? Number.NaN) / contentUpTo,
    });
  }
  return milestones;
}

function isMilestone(turn: number): boolean {
  return (MILESTONES as readonly number[]).includes(turn);
}
