import { type Opened, openTimed } from '../bench.ts';
import { turnMessages } from '../messages.ts';
import { formatCount, formatRatio } from '../report/format.ts';
import type { Scale } from '../scale.ts';
import { percentile } from '../statistics.ts';
import type { ContenderRow, Workload } from './workload.ts';

/** One at a time, and so many at once, each on a session of its own. */
const LANES = [1, 32] as const;

export interface CommitRow extends ContenderRow {
  readonly durability: string;
  readonly hasBudget: boolean;
  readonly lanes: number;
  readonly perSecond: number;
  readonly barePerSecond: number;
  /** The median of the slices' ratios, and the quarters around it. */
  readonly ratio: number;
  readonly ratioP25: number;
  readonly ratioP75: number;
}

export const commit: Workload<CommitRow> = {
  title: 'Commit',
  description:
    "The store's commit of a turn of 1 KB + 1 KB against the bare driver's cheapest durable write of the same messages, by turns in short slices of one run. " +
    'The ratio is the median of the pairs of slices, with its quartiles.',

  async run(bench) {
    const [ours, bare] = (['sess', 'bare'] as const).map((kind) => bench.contenders.find((it) => it.kind === kind));
    if (ours === undefined || bare === undefined) return [];
    const scale = bench.scaleOf(ours);
    const rows: CommitRow[] = [];
    for (const lanes of LANES) {
      bench.progress(`commit: ${lanes} at a time, ${bench.durability.name}`);
      const [a, b] = [await openTimed(bench, ours), await openTimed(bench, bare)];
      try {
        const pairs = await alternate(scale, lanes, a, b);
        rows.push({
          contender: ours.name,
          durability: bench.durability.name,
          hasBudget: bench.durability.hasBudget,
          lanes,
          perSecond: percentile(
            pairs.map(([rate]) => rate),
            50,
          ),
          barePerSecond: percentile(
            pairs.map(([, rate]) => rate),
            50,
          ),
          ...quartiles(pairs.map(([rate, bareRate]) => rate / bareRate)),
        });
      } finally {
        await Promise.all([a.close(), b.close()]);
      }
    }
    return rows;
  },

  table: (rows) => ({
    columns: ['durability', 'at a time', 'commits/s', 'bare writes/s', 'ratio', 'quartiles'],
    rows: rows.map((row) => [
      row.durability,
      formatCount(row.lanes),
      formatCount(Math.round(row.perSecond)),
      formatCount(Math.round(row.barePerSecond)),
      formatRatio(row.ratio),
      `${formatRatio(row.ratioP25)} to ${formatRatio(row.ratioP75)}`,
    ]),
  }),
};

/** The rates of both in each pair of slices. */
async function alternate(
  { commitSlices, commitSliceMs, commitWarmUpMs }: Scale,
  lanes: number,
  ...contenders: [Opened, Opened]
): Promise<[number, number][]> {
  const turns = { number: 0 };
  for (const contender of contenders) await slice(contender, lanes, commitWarmUpMs, turns);
  const pairs: [number, number][] = [];
  for (let pair = 0; pair < commitSlices; pair += 1) {
    // Who goes first changes, so that a drift favours neither.
    const [first, second] = pair % 2 === 0 ? contenders : [contenders[1], contenders[0]];
    const rates = [
      await slice(first, lanes, commitSliceMs, turns),
      await slice(second, lanes, commitSliceMs, turns),
    ] as const;
    pairs.push(pair % 2 === 0 ? [rates[0], rates[1]] : [rates[1], rates[0]]);
  }
  return pairs;
}

/** How many appends a second are acknowledged. */
async function slice(opened: Opened, lanes: number, sliceMs: number, turns: { number: number }): Promise<number> {
  if (opened.append === undefined) throw new Error('It cannot append without a read.');
  const { append } = opened;
  const start = performance.now();
  let done = 0;
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      while (performance.now() - start < sliceMs) {
        turns.number += 1;
        await append(`lane-${lane}`, sample[turns.number % sample.length] ?? []);
        done += 1;
      }
    }),
  );
  return (done * 1_000) / (performance.now() - start);
}

/** Made beforehand, so that making them is no part of the measurement. */
const sample = Array.from({ length: 9 }, (_, index) => turnMessages(index + 1));

function quartiles(ratios: readonly number[]) {
  return { ratio: percentile(ratios, 50), ratioP25: percentile(ratios, 25), ratioP75: percentile(ratios, 75) };
}
