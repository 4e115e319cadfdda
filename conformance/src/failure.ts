import { type Difference, describeDifferences } from './differences.ts';
import { likelyCause } from './likely-cause.ts';

/** What a case found wrong. The run adds the clause, what was done before, and the seed. */
export class ConformanceFailure extends Error {
  /** Bounded descriptions of what differs. */
  readonly differences: readonly string[];
  readonly likelyCause: string | undefined;

  /**
   * @param what What should be so, as a sentence or its beginning.
   * @param cause The likely mistake; guessed from the differences where absent.
   */
  constructor(what: string, found: readonly Difference[] = [], cause: string | undefined = likelyCause(found)) {
    super(what);
    this.name = 'ConformanceFailure';
    this.differences = describeDifferences(found);
    this.likelyCause = cause;
  }
}
