import type { FullSessionStore } from '@sess/core/store';
import * as fc from 'fast-check';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { describeError } from '../describe-value.ts';
import { ConformanceFailure } from '../failure.ts';
import { type Command, commandSequences } from '../model/command.ts';
import { runCommands } from '../model/run-commands.ts';
import { realTime } from '../run-time.ts';
import { defineCase } from './define-case.ts';

const RUNS = 120;
/** On a slow store fewer sequences are tried rather than none of the cases after this one. */
const LIMIT_MS = 15_000;

/** COMMIT-20: random sequences of writes against the reference. */
export const modelCases: readonly ConformanceCase[] = [
  defineCase('COMMIT-20.1', 'random sequences do what applyWrite says', ['full'], (context) => search(context, 1), {
    after: 'examples',
    timeoutMs: 120_000,
  }),
  defineCase(
    'COMMIT-20.2',
    'random sequences through two instances',
    ['full', 'processes'],
    (context) => search(context, 2),
    {
      after: 'examples',
      timeoutMs: 120_000,
    },
  ),
];

async function search(context: CaseContext, instances: number): Promise<void> {
  const time = context.time();
  // Without a clock of our own nothing may expire meanwhile.
  const ttl = time.exact ? await longEnough(context) : undefined;
  const stores: FullSessionStore[] = [];
  for (let index = 0; index < instances; index += 1) {
    stores.push((await context.open({ time, ...(ttl !== undefined && { ttl }) })).store);
  }
  let sessions = 0;
  const run = (commands: readonly Command[]) => {
    sessions += 1;
    return runCommands(commands, { stores, sessionId: `model-${sessions}`, time: time.exact ? time : realTime, ttl });
  };
  const found = await fc.check(fc.asyncProperty(commandSequences(time.exact), run), {
    seed: context.seed | 0,
    numRuns: RUNS,
    interruptAfterTimeLimit: LIMIT_MS,
  });
  const smallest = found.counterexample?.[0];
  if (!found.failed || smallest === undefined || smallest === null) return;
  // Once more, so that the calls that the failure tells of are those of the smallest sequence.
  const error = await run(smallest).then(
    () => found.errorInstance,
    (reason: unknown) => reason,
  );
  const steps = smallest.map((command, index) => `${index + 1}. ${JSON.stringify(command)}`).join('\n    ');
  const problem = error instanceof ConformanceFailure ? error.message : describeError(error);
  const failure = new ConformanceFailure(`${problem}\n    the smallest sequence that shows it:\n    ${steps}\n   `);
  if (error instanceof ConformanceFailure)
    Object.assign(failure, { differences: error.differences, likelyCause: error.likelyCause });
  throw failure;
}

/** A ttl of which 0.6 is far from where a store of this granularity may answer either way. */
async function longEnough({ open }: CaseContext): Promise<number | undefined> {
  const { store } = await open({ neighbour: 'granularity' });
  const { ttl } = store.supports;
  return ttl === false ? undefined : 10_000 + 10 * ttl.granularityMs;
}
