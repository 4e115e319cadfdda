import { type Bench, costOf, type Opened, openCounted, openTimed } from '../bench.ts';
import type { Contender, Place } from '../contender.ts';
import type { Cost } from '../counting/counter.ts';
import { manyMessages } from '../messages.ts';
import { formatBytes, formatCount, formatMs } from '../report/format.ts';
import type { Scale } from '../scale.ts';
import { percentile } from '../statistics.ts';
import { byTurns } from './each-contender.ts';
import { durationsOf } from './timing.ts';
import { type ContenderRow, patience, type Workload } from './workload.ts';

const WINDOW = 20;
/** So many messages are stored at once where a long session is made. */
const AT_ONCE = 100;

export interface TailRow extends ContenderRow {
  readonly short?: TailFigures;
  readonly long?: TailFigures;
}

export interface TailFigures {
  readonly messages: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cost: Cost;
}

export const tail: Workload<TailRow> = {
  title: 'Tail',
  description: `The newest ${WINDOW} messages of a session of 10,000, and of one of ${WINDOW}, as a process reads them that has never seen the session. Messages have 1 KB.`,

  run: (bench) =>
    byTurns<TailRow>(bench, 'tail', async function* (contender, scale) {
      const session = await countRead(bench, contender, WINDOW, scale);
      const longSession = await countRead(bench, contender, scale.tailMessages, scale);
      const short = session && (yield* timeReads(bench, contender, session, scale));
      const long = longSession && (yield* timeReads(bench, contender, longSession, scale));
      const note = long === undefined ? { note: 'the long session was not full in time' } : {};
      return { contender: contender.name, ...(short && { short }), ...(long && { long }), ...note };
    }),

  table: (rows, { backend }) => ({
    columns: [
      ...['contender', 'messages', 'p50 ms', 'p99 ms'],
      ...[backend === 'file' ? 'syncs' : 'round trips', 'bytes sent', 'bytes received', 'note'],
    ],
    rows: rows.flatMap(({ contender, short, long, note = '' }) => {
      const figures = [short, long].filter((it) => it !== undefined);
      if (figures.length === 0) return [[contender, ...Array(6).fill('—'), note]];
      return figures.map(({ messages, p50Ms, p99Ms, cost }, index) => [
        contender,
        formatCount(messages),
        formatMs(p50Ms),
        formatMs(p99Ms),
        formatCount(cost.roundTrips),
        formatBytes(cost.sent),
        formatBytes(cost.received),
        index === 0 ? note : '',
      ]);
    }),
  }),
};

/** A session, and what it costs to read its tail. */
interface Filled {
  readonly sessionId: string;
  readonly place: Place;
  readonly messages: number;
  readonly cost: Cost;
}

async function countRead(
  bench: Bench,
  contender: Contender,
  messages: number,
  { fillMs }: Scale,
): Promise<Filled | undefined> {
  const sessionId = `session-of-${String(messages).padStart(6, '0')}`;
  const opened = await openCounted(bench, contender);
  try {
    if (!(await fill(opened, sessionId, messages, patience(fillMs)))) return undefined;
    const cost = await costOf(opened, () => readTail(opened, sessionId, messages));
    return { sessionId, place: opened.place, messages, cost };
  } finally {
    await opened.close();
  }
}

/** On the same data, without what counts in between. */
async function* timeReads(
  bench: Bench,
  contender: Contender,
  { sessionId, place, messages, cost }: Filled,
  { tailReads, patienceMs }: Scale,
): AsyncGenerator<void, TailFigures> {
  const opened = await openTimed(bench, contender, place);
  try {
    await opened.tail(sessionId, WINDOW);
    const durations = yield* durationsOf(tailReads, patienceMs, () => opened.tail(sessionId, WINDOW));
    return { messages, p50Ms: percentile(durations, 50), p99Ms: percentile(durations, 99), cost };
  } finally {
    await opened.close();
  }
}

/** Whether all messages were stored in time. */
async function fill(opened: Opened, sessionId: string, count: number, mayGoOn: () => boolean): Promise<boolean> {
  const messages = manyMessages(count);
  for (let from = 0; from < count; from += AT_ONCE) {
    if (!mayGoOn()) return false;
    await opened.turn(sessionId, messages.slice(from, from + AT_ONCE));
  }
  return true;
}

async function readTail(opened: Opened, sessionId: string, count: number): Promise<void> {
  const messages = await opened.tail(sessionId, WINDOW);
  const expected = manyMessages(count).slice(-WINDOW);
  if (
    JSON.stringify(messages.map(({ content }) => content)) !== JSON.stringify(expected.map(({ content }) => content))
  ) {
    throw new Error(`It does not answer the newest ${WINDOW} messages.`);
  }
}
