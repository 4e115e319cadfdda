import type { ConformanceReport } from '@sess/conformance';

/** The numbers of the clauses of which a case failed, in the order of the specification. */
export function failedClauses({ clauses }: ConformanceReport): string[] {
  return clauses.filter(({ status }) => status === 'broken').map(({ id }) => id);
}
