import type { CaseContext } from './case-context.ts';

/** What a case needs to be about a store at all. What is not there is reported, never silently skipped. */
export type Requirement =
  /** Claimed by `supports`. */
  | 'full'
  | 'ttl'
  | 'list'
  | 'list by createdAt'
  | 'list of less than all'
  | 'processes'
  /** Offered by the target. */
  | 'target file'
  | 'disconnect'
  | 'break'
  | 'client'
  | 'previous';

/** One case: something that is tried on a store, and what must come of it. */
export interface ConformanceCase {
  /** The clause and a number: `GET-3.1`. Never reused. */
  readonly id: string;
  /** The clause of SPEC.md that fails when the case fails. */
  readonly clause: string;
  /** What is tried, in a few words. */
  readonly title: string;
  readonly requires: readonly Requirement[];
  /**
   * What must have passed before. `roots` (the default): reading and writing work at all. `examples`: every case that is
   * not a search of its own; a random sequence that fails because of what they show says nothing new. `nothing`: a root.
   */
  readonly after?: 'nothing' | 'roots' | 'examples';
  /** For how long (ms) it may run. Default: 60,000. */
  readonly timeoutMs?: number;
  run(context: CaseContext): Promise<void>;
}
