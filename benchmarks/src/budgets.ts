import type { Backend } from './contender.ts';
import type { BackendResults } from './results.ts';

/** What must hold of sess. */
export interface Budget {
  readonly title: string;
  readonly limit: Readonly<Partial<Record<Backend, number>>>;
  readonly isAtLeast?: true;
  /** Whether it was counted, and is the same in each run. What was timed is shown, and never fails a check. */
  readonly isCount: boolean;
  /** Undefined where it was not measured. */
  measure(results: BackendResults): number | undefined;
}

const growthOf = (results: BackendResults, turn: number) =>
  results.grow?.find(({ contender }) => contender === 'sess')?.milestones?.find((milestone) => milestone.turn === turn);
const tailOf = (results: BackendResults) => results.tail?.find(({ contender }) => contender === 'sess');
const raceOf = (results: BackendResults) => results.race?.find(({ contender }) => contender === 'sess');
const crashOf = (results: BackendResults) => results.crash?.find(({ contender }) => contender === 'sess');
const ratio = (a: number | undefined, b: number | undefined) =>
  a === undefined || b === undefined ? undefined : a / b;
const everywhere = (limit: number) => ({ file: limit, redis: limit, mongodb: limit, dynamodb: limit });

export const budgets: readonly Budget[] = [
  {
    title: 'bytes sent for a turn: turn 1,000 against turn 10',
    limit: everywhere(1.1),
    isCount: true,
    measure: (results) => ratio(growthOf(results, 1_000)?.sent, growthOf(results, 10)?.sent),
  },
  {
    title: 'bytes stored against content, after 1,000 turns',
    limit: everywhere(1.5),
    isCount: true,
    measure: (results) => growthOf(results, 1_000)?.storedToContent,
  },
  {
    title: 'bytes sent against content, over 1,000 turns',
    // With the cold load. On DynamoDB that alone is two signed HTTP heads: see docs/decisions/0016.
    limit: { file: 1.5, redis: 1.5, mongodb: 2.5, dynamodb: 2.75 },
    isCount: true,
    measure: (results) => growthOf(results, 1_000)?.sentToContent,
  },
  {
    title: 'bytes received for 20 of 10,000 messages against 20 of 20',
    limit: { redis: 2, mongodb: 2, dynamodb: 2 },
    isCount: true,
    measure: (results) => ratio(tailOf(results)?.long?.cost.received, tailOf(results)?.short?.cost.received),
  },
  {
    title: 'round trips for 20 of 10,000 messages against 20 of 20',
    limit: { redis: 2, mongodb: 2, dynamodb: 2 },
    isCount: true,
    measure: (results) => ratio(tailOf(results)?.long?.cost.roundTrips, tailOf(results)?.short?.cost.roundTrips),
  },
  {
    title: 'bytes read for 20 of 10,000 messages',
    limit: { file: 256 * 1_024 },
    isCount: true,
    measure: (results) => tailOf(results)?.long?.cost.received,
  },
  { title: 'race: lost', limit: everywhere(0), isCount: true, measure: (results) => raceOf(results)?.lost },
  { title: 'race: doubled', limit: everywhere(0), isCount: true, measure: (results) => raceOf(results)?.doubled },
  { title: 'race: reordered', limit: everywhere(0), isCount: true, measure: (results) => raceOf(results)?.reordered },
  { title: 'crash: lost', limit: everywhere(0), isCount: true, measure: (results) => crashOf(results)?.lost },
  {
    title: 'crash: unreadable',
    limit: everywhere(0),
    isCount: true,
    measure: (results) => crashOf(results)?.unreadable,
  },
  ...[1, 32].map((lanes) => ({
    title: `commits against bare writes, ${lanes === 1 ? 'one after another' : `${lanes} at once`}`,
    limit: { file: 0.8, redis: 0.6, mongodb: 0.8, dynamodb: 0.3 },
    isAtLeast: true as const,
    isCount: false,
    measure: ({ commit }: BackendResults) => commitRatio(commit, lanes),
  })),
];

/** The worst of the settings in which a write is durable. */
function commitRatio(rows: BackendResults['commit'] = [], lanes: number): number | undefined {
  const ratios = rows.filter((row) => row.hasBudget && row.lanes === lanes).map((row) => row.ratio);
  return ratios.length === 0 ? undefined : Math.min(...ratios);
}

/** How a budget was kept on one backend. */
export interface BudgetResult {
  readonly backend: Backend;
  readonly title: string;
  readonly value: number;
  readonly limit: number;
  readonly isAtLeast: boolean;
  readonly isCount: boolean;
  readonly holds: boolean;
}

/** Compares everything that was measured. A figure that is no number breaks its budget. */
export function checkBudgets(all: readonly BackendResults[]): BudgetResult[] {
  return all.flatMap((results) =>
    budgets.flatMap(({ title, limit: limits, isAtLeast = false, isCount, measure }) => {
      const limit = limits[results.backend];
      const value = measure(results);
      if (limit === undefined || value === undefined) return [];
      const holds = isAtLeast ? value >= limit : value <= limit;
      return [{ backend: results.backend, title, value, limit, isAtLeast, isCount, holds }];
    }),
  );
}
