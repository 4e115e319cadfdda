import { parseArgs } from 'node:util';
import type { Backend } from './contender.ts';

export const BACKENDS = ['file', 'redis', 'mongodb', 'dynamodb'] as const;
export const WORKLOADS = ['grow', 'fan', 'tail', 'list', 'race', 'crash', 'commit'] as const;
export type WorkloadName = (typeof WORKLOADS)[number];

export interface Options {
  readonly backends: readonly Backend[];
  readonly workloads: readonly WorkloadName[];
  /** Small, and without the peers. */
  readonly quick: boolean;
  /** Whether a budget that is broken is a failure. */
  readonly check: boolean;
}

export const USAGE = `npm run bench -- [--store ${BACKENDS.join('|')}] [--only ${WORKLOADS.join('|')}] [--quick] [--check]

  --store, --only  may be given several times; everything by default
  --quick          small, without the peers; about two minutes
  --check          compares what was counted with the budgets, and fails where one is broken`;

/** Throws with a message for people. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      store: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      quick: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
    },
  });
  return {
    backends: chosen('--store', values.store, BACKENDS),
    workloads: chosen('--only', values.only, WORKLOADS),
    quick: values.quick,
    check: values.check,
  };
}

function chosen<T extends string>(option: string, given: string[] = [], known: readonly T[]): readonly T[] {
  const unknown = given.find((name) => !(known as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`${option} ${unknown}: there are ${known.join(', ')}.`);
  return given.length === 0 ? known : known.filter((name) => given.includes(name));
}
