import { type Bench, costOf, openCounted, openTimed } from '../bench.ts';
import type { Contender, Place } from '../contender.ts';
import type { Cost } from '../counting/counter.ts';
import { turnMessages } from '../messages.ts';
import { formatBytes, formatCount, formatMs } from '../report/format.ts';
import { percentile } from '../statistics.ts';
import { byTurns } from './each-contender.ts';
import { inLanes } from './in-lanes.ts';
import { durationOf, durationsOf } from './timing.ts';
import { type ContenderRow, patience, type Workload } from './workload.ts';

const AT_ONCE = 32;
const DELETIONS = 100;
const LISTINGS = 3;

export interface ListRow extends ContenderRow {
  readonly sessions?: number;
  readonly listMs?: number;
  readonly listed?: Cost;
  readonly deleteP50Ms?: number;
  readonly deleted?: Cost;
}

export const list: Workload<ListRow> = {
  title: 'List and delete',
  description: `The ids of all of 10,000 sessions of one turn (the median of ${LISTINGS} listings), and the deletion of ${DELETIONS} of them, one after the other.`,

  run: (bench) =>
    byTurns<ListRow>(bench, 'list', async function* (contender, scale) {
      const counted = await openCounted(bench, contender);
      let sessions = 0;
      let costs: Pick<ListRow, 'listed' | 'deleted'>;
      try {
        const { list, delete: remove } = counted;
        if (list === undefined && remove === undefined) return { contender: contender.name, note: 'can do neither' };
        const mayGoOn = patience(scale.fillMs);
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
        ...(yield* timeBoth(bench, contender, counted.place, sessions)),
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

async function* timeBoth(bench: Bench, contender: Contender, place: Place, sessions: number) {
  const opened = await openTimed(bench, contender, place);
  const { list, delete: remove } = opened;
  try {
    const listings: number[] = [];
    for (let listing = 1; list && listing <= LISTINGS; listing += 1) {
      yield;
      listings.push(await durationOf(() => idsIn(list())));
    }
    const removals = remove
      ? yield* durationsOf(Math.min(DELETIONS, sessions - 1), Number.POSITIVE_INFINITY, (number) =>
          remove(nameOf(number)),
        )
      : [];
    return {
      ...(listings.length > 0 && { listMs: percentile(listings, 50) }),
      ...(removals.length > 0 && { deleteP50Ms: percentile(removals, 50) }),
    };
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
