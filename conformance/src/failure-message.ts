import type { FailureDetails } from './case-result.ts';
import { type Clause, clauseOf } from './clauses.ts';
import type { ConformanceCase } from './conformance-case.ts';

/** The whole of a failure, for people: the clause, what differs, the likely cause, what was done, how to repeat it. */
export function failureMessage(
  tested: Pick<ConformanceCase, 'id' | 'clause' | 'title'>,
  failure: FailureDetails,
  seed: number,
): string {
  const clause: Clause = clauseOf(tested.clause);
  return [
    `${tested.id} ${tested.title}: ${failure.what}`,
    `  clause ${clause.id}: ${clause.text}`,
    ...section('differences', failure.differences),
    ...(failure.likelyCause === undefined ? [] : [`  likely cause: ${failure.likelyCause}`]),
    ...section('what was done', failure.calls),
    `  repeat with: --filter ${tested.id} --seed ${seed}`,
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`  ${title}:`, ...lines.map((line) => `    ${line}`)];
}
