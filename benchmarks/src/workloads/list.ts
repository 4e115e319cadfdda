import { type Bench, costOf, openCounted, openTimed } from '../bench.ts';
import type { Contender, Place } from '../contender.ts';
import type { Cost } from '../counting/counter.ts';
import { turnMessages } from '../messages.ts';
import { formatBytes, formatCount, formatMs } from '../report/format.ts';
import { percentile } from '../statistics.ts';
import { inLanes } from './in-lanes.ts';
import { type ContenderRow, eachContender, patience, type Workload } from './workload.ts';

const AT_ONCE = 32;
const DELETIONS = 100;

export interface ListRow extends ContenderRow {
  readonly sessions?: number;
  readonly listMs?: number;
  readonly listed?: Cost;
  readonly deleteP50Ms?: number;
  readonly deleted?: Cost;
}

export const list: Workload<ListRow> = {
  title: 'List and delete',
  description: `The ids of all of 10,000 sessions of one turn, and the deletion of ${DELETIONS} of them, one after the other.`,

  run: (bench) =>
    eachContender<ListRow>(bench, 'list', async (contender, scale) => {
      const counted = await openCounted(bench, contender);
      let sessions = 0;
      let costs: Pick<ListRow, 'listed' | 'deleted'>;
      try {
        const { list, delete: remove } = counted;
        if (list === undefined && remove === undefined) return { contender: contender.name, note: 'can do neither' };
        const mayGoOn = patience(scale);
        await inLanes(AT_ONCE, scale.listSessions, async (index) => {
          if (!mayGoOn()) return;
          await counted.turn(nameOf(index), turnMessages(1));
          sessions += 1;
        });
        costs = {
          ...(list && { listed: await costOf(counted, async () => checkList(await idsIn(list()), sessions)) }),
          ...(remove && { deleted: await costOf(counted, () => remove(nameOf(0))) }),
        };
      } finally {
        await counted.close();
      }
      const note = sessions < scale.listSessions ? { note: 'no more sessions were stored in time' } : {};
      return {
        contender: contender.name,
        sessions,
        ...costs,
        ...(await time(bench, contender, counted.place, sessions)),
        ...note,
      };
    }),

  table: (rows, { backend }) => {
    const waits = backend === 'file' ? 'syncs' : 'round trips';
    return {
      columns: [
        ...['contender', 'sessions', 'list ms', `list: ${waits}`, 'list: bytes received'],
        ...['delete p50 ms', `delete: ${waits}`, 'note'],
      ],
      rows: rows.map(({ contender, sessions, listMs, listed, deleteP50Ms, deleted, note = '' }) => [
        contender,
        formatCount(sessions),
        formatMs(listMs),
        formatCount(listed?.roundTrips),
        formatBytes(listed?.received),
        formatMs(deleteP50Ms),
        formatCount(deleted?.roundTrips),
        note,
      ]),
    };
  },
};

const nameOf = (index: number) => `session-${String(index).padStart(6, '0')}`;

async function time(bench: Bench, contender: Contender, place: Place, sessions: number) {
  const opened = await openTimed(bench, contender, place);
  try {
    const times: { listMs?: number; deleteP50Ms?: number } = {};
    if (opened.list) {
      const start = performance.now();
      await idsIn(opened.list());
      times.listMs = performance.now() - start;
    }
    if (opened.delete) {
      const latencies: number[] = [];
      for (let index = 1; index <= DELETIONS && index < sessions; index += 1) {
        const start = performance.now();
        await opened.delete(nameOf(index));
        latencies.push(performance.now() - start);
      }
      times.deleteP50Ms = percentile(latencies, 50);
    }
    return times;
  } finally {
    await opened.close();
  }
}

async function idsIn(list: AsyncIterable<string>): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const id of list) ids.add(id);
  return ids;
}

/** One more than were stored here: the session that the connection was warmed up with. */
function checkList(ids: ReadonlySet<string>, sessions: number): void {
  if (ids.size !== sessions + 1) throw new Error(`It lists ${ids.size} of ${sessions + 1} sessions.`);
}
