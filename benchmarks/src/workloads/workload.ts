import type { Bench } from '../bench.ts';
import type { Contender } from '../contender.ts';
import type { Table } from '../report/table.ts';
import type { Scale } from '../scale.ts';

/** Something that is measured of every contender. */
export interface Workload<Row> {
  readonly title: string;
  /** What is done, in a sentence or two. */
  readonly description: string;
  run(bench: Bench): Promise<Row[]>;
  table(rows: readonly Row[], bench: Pick<Bench, 'backend'>): Table;
}

/** What every row says. */
export interface ContenderRow {
  readonly contender: string;
  /** Why it has no figures, or not all of them. */
  readonly note?: string;
}

/** Runs each contender; one other than sess that fails has a row that says why. None where `run` has nothing to do. */
export async function eachContender<Row extends ContenderRow>(
  bench: Bench,
  workload: string,
  run: (contender: Contender, scale: Scale) => Promise<Row | undefined>,
): Promise<(Row | ContenderRow)[]> {
  const rows: (Row | ContenderRow)[] = [];
  for (const contender of bench.contenders) {
    bench.progress(`${workload}: ${contender.name}`);
    try {
      const scale = bench.scaleOf(contender);
      const row = await withinLimit(scale, run(contender, scale));
      if (row !== undefined) rows.push(row);
    } catch (error) {
      if (contender.kind === 'sess') throw error;
      rows.push({ contender: contender.name, note: `failed: ${shortReason(error)}` });
    }
  }
  return rows;
}

/** Nobody may stop all others by never answering. */
async function withinLimit<T>({ limitMs }: Scale, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It has not ended within ${limitMs / 1_000} s.`)), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a pass that begins now may go on. */
export function patience({ patienceMs }: Scale): () => boolean {
  const end = performance.now() + patienceMs;
  return () => performance.now() < end;
}

/** The first line of an error's message, without the places of this machine. */
export function shortReason(error: unknown): string {
  const { name = 'Error', message = String(error) } = Object(error) as Partial<Error>;
  const [line = ''] = `${name}: ${message}`.split('\n');
  return line.replaceAll(/(?:\/[\w.-]+){2,}/g, '…').slice(0, 160);
}
