import type { Backend } from '../../src/contender.ts';

/** A peer that cannot run here. It stands in the table with the reason. */
export interface Unavailable {
  readonly name: string;
  readonly backend: Backend;
  /** The npm packages whose versions are shown. */
  readonly packages: readonly string[];
  readonly reason: string;
}
