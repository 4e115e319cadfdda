/** How much each workload does. */
export interface Scale {
  /** Turns of `grow`. The figures of turn 1,000 are those of turns 951 to 1,050. */
  readonly growTurns: { readonly sess: number; readonly others: number };
  readonly fanSessions: number;
  readonly fanTurns: number;
  readonly tailMessages: number;
  readonly tailReads: number;
  readonly listSessions: number;
  readonly raceTurns: number;
  readonly kills: { readonly sess: number; readonly others: number };
  /** How many pairs of slices `commit` alternates, and how long (ms) a slice is. */
  readonly commitSlices: number;
  readonly commitSliceMs: number;
  /** How long (ms) one pass of a workload may take a contender other than sess; it ends there, and the table says so. */
  readonly patienceMs: number;
}

export const WHOLE: Scale = {
  growTurns: { sess: 1_050, others: 1_050 },
  fanSessions: 1_000,
  fanTurns: 20,
  tailMessages: 10_000,
  tailReads: 50,
  listSessions: 10_000,
  raceTurns: 50,
  kills: { sess: 40, others: 10 },
  commitSlices: 15,
  commitSliceMs: 200,
  patienceMs: 5_000,
};

/** The same counts of sess, and just enough of everything else to see that it runs. */
export const QUICK: Scale = {
  growTurns: { sess: 1_050, others: 150 },
  fanSessions: 32,
  fanTurns: 5,
  tailMessages: 10_000,
  tailReads: 5,
  listSessions: 100,
  raceTurns: 12,
  kills: { sess: 4, others: 1 },
  commitSlices: 5,
  commitSliceMs: 100,
  patienceMs: 1_500,
};
