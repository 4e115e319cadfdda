import type { SessionRead } from '@sess/core/store';
import * as fc from 'fast-check';

/** Which version a command takes as base: the present one, one from before, or that of an absent part. */
export type Base = 'present' | 'earlier' | 'absent';

export interface ThreadCommand {
  readonly base: Base;
  /** How many messages to keep: all, none, half, or one more than there are. */
  readonly keep: 'all' | 'none' | 'half' | 'beyond';
  readonly append: number;
  readonly turn: 'leave' | 'close' | 'open';
}

/** A step of a random sequence, without ids: they follow from what the steps before left. */
export type Command =
  | {
      readonly kind: 'commit';
      readonly life: Base;
      readonly state?: { readonly base: Base; readonly value: unknown };
      readonly threads: Readonly<Record<string, ThreadCommand>>;
      readonly metadata?: Readonly<Record<string, unknown>>;
      readonly holds: Readonly<Record<string, Base>>;
      readonly owner: boolean;
      readonly seen: boolean;
      readonly retry: boolean;
    }
  | { readonly kind: 'repeat'; readonly back: number }
  | {
      readonly kind: 'save';
      readonly state: unknown;
      readonly threads: Readonly<Record<string, number>>;
      readonly metadata?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'save again' }
  | { readonly kind: 'delete' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'read'; readonly read: SessionRead };

const threadNames = ['main', 'side', '__proto__'];
const threadName = fc.constantFrom(...threadNames);
const base: fc.Arbitrary<Base> = fc.oneof(
  { weight: 18, arbitrary: fc.constant<Base>('present') },
  { weight: 1, arbitrary: fc.constant<Base>('earlier') },
  { weight: 1, arbitrary: fc.constant<Base>('absent') },
);
const life: fc.Arbitrary<Base> = fc.oneof(
  { weight: 20, arbitrary: fc.constant<Base>('present') },
  { weight: 1, arbitrary: fc.constantFrom<Base>('earlier', 'absent') },
);
const json = fc.constantFrom<unknown>(
  { a: 1 },
  { b: 2 },
  { a: { c: 3 } },
  0,
  'text',
  null,
  [],
  {},
  [1, { a: [] }],
  { n: null, __proto: 1 },
  'caf\u00e9 \u{1f600}',
);
const state = fc.record({
  base,
  value: fc.oneof({ weight: 4, arbitrary: json }, { weight: 1, arbitrary: fc.constant(undefined) }),
});
const metadata = fc.dictionary(fc.constantFrom('title', 'label', 'x'), fc.oneof(json, fc.constant(null)), {
  maxKeys: 2,
  noNullPrototype: true,
});

function perThread<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc.array(fc.tuple(threadName, value), { maxLength: 2 }).map((entries) => Object.fromEntries(entries));
}

const thread: fc.Arbitrary<ThreadCommand> = fc.record({
  base,
  keep: fc.oneof(
    { weight: 8, arbitrary: fc.constant<ThreadCommand['keep']>('all') },
    { weight: 4, arbitrary: fc.constantFrom<ThreadCommand['keep']>('none', 'half') },
    { weight: 1, arbitrary: fc.constant<ThreadCommand['keep']>('beyond') },
  ),
  append: fc.nat(3),
  turn: fc.constantFrom<ThreadCommand['turn']>('leave', 'leave', 'close', 'open'),
});

const commit: fc.Arbitrary<Command> = fc.record(
  {
    kind: fc.constant('commit' as const),
    life,
    state,
    threads: perThread(thread),
    metadata,
    holds: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: perThread(base) }),
    owner: fc.boolean(),
    seen: fc.boolean(),
    retry: fc.boolean(),
  },
  { requiredKeys: ['kind', 'life', 'threads', 'holds', 'owner', 'seen', 'retry'] },
);

const save: fc.Arbitrary<Command> = fc.record(
  {
    kind: fc.constant('save' as const),
    state: fc.option(json, { nil: undefined }),
    threads: perThread(fc.nat(3)),
    metadata,
  },
  { requiredKeys: ['kind', 'state', 'threads'] },
);

const read: fc.Arbitrary<Command> = fc.record({
  kind: fc.constant('read' as const),
  read: fc.record(
    { last: fc.nat(4), before: fc.nat(6), threads: fc.array(threadName, { maxLength: 2 }) },
    { requiredKeys: [] },
  ),
});

/** One step. Most are commits; without a clock nothing waits. */
function step(waits: boolean): fc.Arbitrary<Command> {
  return fc.oneof(
    { weight: 10, arbitrary: commit },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('repeat' as const), back: fc.nat(9) }) },
    { weight: 2, arbitrary: save },
    { weight: 1, arbitrary: fc.constant<Command>({ kind: 'save again' }) },
    { weight: 1, arbitrary: fc.constant<Command>({ kind: 'delete' }) },
    { weight: 2, arbitrary: read },
    { weight: waits ? 2 : 0, arbitrary: fc.constant<Command>({ kind: 'wait' }) },
  );
}

/** Random sequences. */
export function commandSequences(waits: boolean): fc.Arbitrary<Command[]> {
  return fc.array(step(waits), { minLength: 1, maxLength: 30, size: 'max' });
}
