import type { Bench } from '../bench.ts';
import type { Table } from '../report/table.ts';

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

/** Whether what begins now may go on: for so long (ms). */
export function patience(ms: number): () => boolean {
  const end = performance.now() + ms;
  return () => performance.now() < end;
}
