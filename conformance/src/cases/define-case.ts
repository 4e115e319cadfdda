import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase, Requirement } from '../conformance-case.ts';

/** A case whose clause is the first half of its id. */
export function defineCase(
  id: string,
  title: string,
  requires: readonly Requirement[],
  run: (context: CaseContext) => Promise<void>,
  options: Pick<ConformanceCase, 'after' | 'timeoutMs'> = {},
): ConformanceCase {
  return { id, clause: id.slice(0, id.indexOf('.')), title, requires, run, ...options };
}
