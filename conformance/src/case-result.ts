/** What became of a case. */
export type CaseStatus =
  | 'passed'
  | 'failed'
  /** Failed, as its waiver says. */
  | 'waived'
  /** Another case failed that this one builds on, or the store lacks an operation. */
  | 'blocked'
  /** `supports` does not claim what the case is about. */
  | 'not claimed'
  /** The target says why it cannot be run: it has no connection, say. */
  | 'not applicable'
  /** The target does not offer what the case needs. */
  | 'not offered'
  /** Nobody asked for it. */
  | 'filtered';

/** The statuses of a case that did not run. */
export const notRunStatuses: readonly CaseStatus[] = [
  'blocked',
  'not claimed',
  'not applicable',
  'not offered',
  'filtered',
];

/** Why a case failed. */
export interface FailureDetails {
  /** What should have been so. */
  readonly what: string;
  /** Where expected and actual differ, bounded. */
  readonly differences: readonly string[];
  /** The mistake that it looks like. */
  readonly likelyCause?: string;
  /** The newest calls, with what came of them. */
  readonly calls: readonly string[];
}

export interface CaseResult {
  readonly id: string;
  readonly clause: string;
  readonly level: 'MUST' | 'SHOULD';
  readonly title: string;
  readonly status: CaseStatus;
  /** Why it was waived or not run. */
  readonly reason?: string;
  readonly failure?: FailureDetails;
  /** How long it took, in ms. */
  readonly durationMs: number;
}
