import { once } from 'node:events';
import { type SeededRandom, seededRandom } from '@sess/store-tests/seeded-random';
import { type Bench, newPlace } from '../bench.ts';
import type { Contender, Message, Place } from '../contender.ts';
import { formatCount } from '../report/format.ts';
import { oneByOne, shortReason } from './each-contender.ts';
import { judge, type Verdict } from './verdict.ts';
import { startWorker, type WorkerNews } from './worker.ts';
import type { ContenderRow, Workload } from './workload.ts';

const SESSION = 'session-of-the-killed';
const SEED = 20_261_121;
/** So many sessions are written and killed at the same time. */
const AT_ONCE = 2;
/** A process is killed somewhere in its first few turns. */
const MOST_TURNS = 8;

export interface CrashRow extends ContenderRow, Partial<Omit<Verdict, 'reordered'>> {
  readonly kills?: number;
  /** Sessions that could not be read after a kill. */
  readonly unreadable?: number;
}

export const crash: Workload<CrashRow> = {
  title: 'Crash',
  description:
    'A process that stores turns is killed (SIGKILL) during a save; the next one goes on with the same session. ' +
    'Afterwards, and after each kill, the session is read. One that cannot be read any more ends there.',

  run: (bench) =>
    oneByOne<CrashRow>(bench, 'crash', async (contender, { kills }) => {
      if (kills === 0) return undefined;
      const shares = Array.from({ length: Math.min(AT_ONCE, kills) }, (_, index) =>
        killAgainAndAgain(bench, contender, SEED + index, Math.ceil((kills - index) / AT_ONCE)),
      );
      const rows = await Promise.all(shares);
      const sum = (field: 'kills' | 'acknowledged' | 'lost' | 'doubled' | 'unreadable') =>
        rows.reduce((total, row) => total + row[field], 0);
      const note = rows.find((row) => row.note !== undefined)?.note;
      return {
        contender: contender.name,
        kills: sum('kills'),
        acknowledged: sum('acknowledged'),
        lost: sum('lost'),
        doubled: sum('doubled'),
        unreadable: sum('unreadable'),
        ...(note !== undefined && { note }),
      };
    }),

  table: (rows) => ({
    columns: ['contender', 'kills', 'acknowledged', 'lost', 'doubled', 'unreadable', 'note'],
    rows: rows.map(({ contender, kills, acknowledged, lost, doubled, unreadable, note = '' }) => [
      contender,
      ...[kills, acknowledged, lost, doubled, unreadable].map(formatCount),
      note,
    ]),
  }),
};

async function killAgainAndAgain(bench: Bench, contender: Contender, seed: number, kills: number) {
  const place = newPlace(bench);
  const random = seededRandom(seed);
  const acknowledged: number[] = [];
  for (let kill = 1; kill <= kills; kill += 1) {
    await writeUntilKilled(bench, contender, place, { acknowledged, random, from: kill * 1_000 });
    try {
      await readAll(contender, place);
    } catch (error) {
      const lost = acknowledged.length;
      return { kills: kill, acknowledged: lost, lost, doubled: 0, unreadable: 1, note: shortReason(error) };
    }
  }
  const verdict = judge(await readAll(contender, place), { w: acknowledged });
  return { kills, ...verdict, unreadable: 0, note: undefined };
}

/** One process: it stores turns until it is killed, somewhere after its first few acknowledgements. */
async function writeUntilKilled(
  { backend }: Bench,
  contender: Contender,
  place: Place,
  { acknowledged, random, from }: { acknowledged: number[]; random: SeededRandom; from: number },
): Promise<void> {
  const options = { backend, contender: contender.name, place, sessionId: SESSION, writer: 'w', from, turns: 1_000 };
  const worker = await startWorker(options);
  const enough = acknowledged.length + random.below(MOST_TURNS);
  const pauses = random.below(200);
  const reached = new Promise<void>((resolve) => {
    worker.on('message', (news: WorkerNews) => {
      if (typeof news === 'object' && 'acknowledged' in news) acknowledged.push(news.acknowledged);
      if (acknowledged.length >= enough) resolve();
    });
  });
  worker.send('go');
  if (enough > acknowledged.length) await Promise.race([reached, once(worker, 'exit')]);
  // Not always right after an acknowledgement, but somewhere in the save that follows.
  for (let pause = 0; pause < pauses; pause += 1) await new Promise(setImmediate);
  const closed = once(worker, 'close'); // with all that it has told
  worker.kill('SIGKILL');
  await closed;
}

async function readAll(contender: Contender, place: Place): Promise<readonly Message[]> {
  const opened = await contender.open(place);
  try {
    return await opened.history(SESSION);
  } finally {
    await opened.close();
  }
}
