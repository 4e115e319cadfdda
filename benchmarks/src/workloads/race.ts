import { openTimed } from '../bench.ts';
import { formatCount } from '../report/format.ts';
import { oneByOne } from './each-contender.ts';
import { judge, type Verdict } from './verdict.ts';
import { startWorker, type WorkerNews } from './worker.ts';
import type { ContenderRow, Workload } from './workload.ts';

const WRITERS = ['a', 'b', 'c', 'd'];
const SESSION = 'session-of-all';

export interface RaceRow extends ContenderRow, Partial<Verdict> {
  /** Turns that were rejected: whoever asked for them knows. */
  readonly refused?: number;
}

export const race: Workload<RaceRow> = {
  title: 'Race',
  description:
    'Four processes store turns in one session at once, each its own, one after the other. Lost: acknowledged, and not there.',

  run: (bench) =>
    oneByOne<RaceRow>(bench, 'race', async (contender, { raceTurns }) => {
      if (raceTurns === 0) return undefined;
      const opened = await openTimed(bench, contender);
      try {
        const { place } = opened;
        const acknowledged: Record<string, number[]> = Object.fromEntries(WRITERS.map((writer) => [writer, []]));
        const refusals: string[] = [];
        const options = { backend: bench.backend, contender: contender.name, place, sessionId: SESSION, from: 1 };
        const workers = await Promise.all(
          WRITERS.map((writer) => startWorker({ ...options, writer, turns: raceTurns })),
        );
        await Promise.all(
          workers.map(
            (worker, index) =>
              new Promise<void>((resolve, reject) => {
                let hasEnded = false;
                worker.on('message', (news: WorkerNews) => {
                  if (typeof news === 'string') hasEnded ||= news === 'ended';
                  else if ('refused' in news) refusals.push(news.refused);
                  else acknowledged[WRITERS[index] ?? '']?.push(news.acknowledged);
                });
                worker.on('exit', (code) => (hasEnded ? resolve() : reject(new Error(`A process ended: ${code}.`))));
                worker.send('go');
              }),
          ),
        );
        const verdict = judge(await opened.history(SESSION), acknowledged);
        const [first] = refusals;
        return {
          contender: contender.name,
          ...verdict,
          refused: refusals.length,
          ...(first !== undefined && { note: `refused: ${first}` }),
        };
      } finally {
        await opened.close();
      }
    }),

  table: (rows) => ({
    columns: ['contender', 'acknowledged', 'lost', 'doubled', 'reordered', 'refused', 'note'],
    rows: rows.map(({ contender, acknowledged, lost, doubled, reordered, refused, note = '' }) => [
      contender,
      ...[acknowledged, lost, doubled, reordered, refused].map(formatCount),
      note,
    ]),
  }),
};
