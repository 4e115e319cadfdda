import type { Contender } from './contender.ts';

/** How much each workload does. */
export interface Scale {
  /** Turns of `grow` whose costs are counted. The figures of turn 1,000 are those of turns 951 to 1,050. */
  readonly growTurns: number;
  /** Turns of `grow` that are timed. */
  readonly growTimedTurns: number;
  readonly fanSessions: number;
  readonly fanTurns: number;
  readonly tailMessages: number;
  readonly tailReads: number;
  readonly listSessions: number;
  /** Of each process. */
  readonly raceTurns: number;
  readonly kills: number;
  /** How many pairs of slices `commit` alternates, and how long (ms) a slice is. */
  readonly commitSlices: number;
  readonly commitSliceMs: number;
  /** How long (ms) it runs before, so that what is measured is compiled. */
  readonly commitWarmUpMs: number;
  /** How long (ms) one pass of a workload may take. It ends there, and the table says so. */
  readonly patienceMs: number;
  /** How long (ms) it may take to store what is read, listed and deleted then. */
  readonly fillMs: number;
  /** How long (ms) a workload may take in all. Who has not ended by then has failed. */
  readonly limitMs: number;
}

/** Sess does all of it; others as much as they can in some seconds, since many of them take ever longer for a turn. */
export function scaleFor({ kind }: Pick<Contender, 'kind'>, quick: boolean): Scale {
  if (quick) return kind === 'sess' ? QUICK : QUICK_OTHERS;
  if (kind === 'sess') return WHOLE;
  return { ...WHOLE, patienceMs: PATIENCE_MS[kind], fillMs: 60_000, limitMs: 180_000, kills: 8 };
}

const PATIENCE_MS = { bare: 10_000, tutorial: 15_000, peer: 3_000 };

const WHOLE: Scale = {
  growTurns: 1_050,
  growTimedTurns: 1_050,
  fanSessions: 1_000,
  fanTurns: 20,
  tailMessages: 10_000,
  tailReads: 50,
  listSessions: 10_000,
  raceTurns: 50,
  kills: 200,
  commitSlices: 15,
  commitSliceMs: 200,
  commitWarmUpMs: 500,
  patienceMs: Number.POSITIVE_INFINITY,
  fillMs: Number.POSITIVE_INFINITY,
  limitMs: 600_000,
};

/** The same counts, and just enough of everything else to see that it runs. */
const QUICK: Scale = {
  ...WHOLE,
  growTimedTurns: 20,
  fanSessions: 32,
  fanTurns: 2,
  tailReads: 5,
  listSessions: 100,
  raceTurns: 10,
  kills: 4,
  commitSlices: 3,
  commitSliceMs: 100,
};

const QUICK_OTHERS: Scale = {
  ...QUICK,
  growTurns: 100,
  tailMessages: 200,
  raceTurns: 0,
  kills: 0,
  patienceMs: 5_000,
  fillMs: 5_000,
};
