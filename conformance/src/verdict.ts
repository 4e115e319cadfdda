import { type CaseResult, notRunStatuses } from './case-result.ts';

/**
 * What a run has shown. `incomplete`: nothing failed, and a clause that the store claims was not tested. `conformant with
 * waivers`: what failed was known, and is written down.
 */
export type Verdict = 'conformant' | 'conformant with waivers' | 'incomplete' | 'not conformant';

/** The verdict of a run of all cases, or of some. No case run at all is an error of whoever asks, and throws. */
export function verdictOf(results: readonly CaseResult[]): Verdict {
  const has = (...statuses: CaseResult['status'][]) => results.some(({ status }) => statuses.includes(status));
  if (has('failed', 'blocked')) return 'not conformant';
  if (results.every(({ status }) => notRunStatuses.includes(status))) throw new Error('No case ran: nothing is shown.');
  if (untestedClauses(results).length > 0) return 'incomplete';
  return has('waived') ? 'conformant with waivers' : 'conformant';
}

/** The MUST clauses that the store claims and that no case tested, because of a filter or of what the target lacks. */
export function untestedClauses(results: readonly CaseResult[]): string[] {
  const untested = results.filter(
    ({ level, status }) => level === 'MUST' && (status === 'filtered' || status === 'not offered'),
  );
  return [...new Set(untested.map(({ clause }) => clause))];
}
