import type { Bench } from '../bench.ts';
import type { Contender } from '../contender.ts';
import type { Scale } from '../scale.ts';
import type { ContenderRow } from './workload.ts';

/** What a workload does with one contender, in slices: each ends with a `yield`. No row where it has nothing to do. */
export type Slices<Row> = AsyncGenerator<void, Row | undefined>;

/**
 * Runs all contenders by turns, a slice of each at a time: what else the machine does, and what a process learns while it
 * runs, then meets all of them alike. One other than sess that fails has a row that says why.
 */
export async function byTurns<Row extends ContenderRow>(
  bench: Bench,
  workload: string,
  run: (contender: Contender, scale: Scale) => Slices<Row>,
): Promise<(Row | ContenderRow)[]> {
  const entrants = bench.contenders.map((contender): Entrant<Row> => {
    const scale = bench.scaleOf(contender);
    return { contender, slices: run(contender, scale), limitMs: scale.limitMs, spentMs: 0, isDone: false };
  });
  let running = entrants;
  try {
    for (let round = 0; running.length > 0; round += 1) {
      // Who goes first changes, so that nobody is always behind the same one.
      const first = round % running.length;
      for (const entrant of [...running.slice(first), ...running.slice(0, first)]) {
        bench.progress(round === 0 ? `${workload}: ${entrant.contender.name}` : `${workload}: all by turns`);
        await runSlice(entrant);
      }
      running = running.filter(({ isDone }) => !isDone);
    }
  } finally {
    for (const { slices, isDone } of running) if (!isDone) await slices.return(undefined); // closes what it has open
  }
  return entrants.flatMap(({ row }) => row ?? []);
}

/** Runs one contender after the other, each from begin to end. Otherwise as {@link byTurns}. */
export function oneByOne<Row extends ContenderRow>(
  bench: Bench,
  workload: string,
  run: (contender: Contender, scale: Scale) => Promise<Row | undefined>,
): Promise<(Row | ContenderRow)[]> {
  // biome-ignore lint/correctness/useYield: a single slice
  return byTurns<Row>(bench, workload, async function* (contender, scale) {
    return await run(contender, scale);
  });
}

interface Entrant<Row> {
  readonly contender: Contender;
  readonly slices: Slices<Row>;
  readonly limitMs: number;
  spentMs: number;
  isDone: boolean;
  row?: Row | ContenderRow | undefined;
}

async function runSlice<Row>(entrant: Entrant<Row>): Promise<void> {
  const start = performance.now();
  try {
    const slice = await withinLimit(entrant);
    if (slice.done) Object.assign(entrant, { isDone: true, row: slice.value });
  } catch (error) {
    entrant.isDone = true;
    if (entrant.contender.kind === 'sess') throw error;
    entrant.row = { contender: entrant.contender.name, note: `failed: ${shortReason(error)}` };
  }
  entrant.spentMs += performance.now() - start;
}

/** Nobody may stop all others by never answering. */
async function withinLimit<Row>({ slices, limitMs, spentMs }: Entrant<Row>) {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error(`It has not ended within ${limitMs / 1_000} s.`));
    timer = setTimeout(giveUp, limitMs - spentMs);
  });
  try {
    return await Promise.race([slices.next(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** The first line of an error's message, without the places of this machine. */
export function shortReason(error: unknown): string {
  const { name = 'Error', message = String(error) } = Object(error) as Partial<Error>;
  const [line = ''] = `${name}: ${message}`.split('\n');
  return line.replaceAll(/(?:\/[\w.-]+){2,}/g, '…').slice(0, 160);
}
