import { sectionTitles } from '../clauses.ts';
import type { MissingOperation } from '../missing-operations.ts';
import type { ConformanceReport } from './report.ts';

/** As many ids as still fit a line or two; more are told by section. */
const MOST_IDS = 16;

/** A report for people who have seen the failures: what is missing, what was not tested and why, and the verdict. */
export function summaryOf(report: ConformanceReport, missing: readonly MissingOperation[]): string {
  const { cases, verdict, target } = report;
  const counts = [
    `${cases.run} cases run`,
    `${cases.passed} passed`,
    `${cases.failed} failed`,
    `${cases.waived} waived`,
    `${cases.notRun.length} not run`,
  ];
  return [
    ...unwritten(target, missing),
    ...notRun(report),
    ...untested(report),
    `${counts.join(', ')}\n${target} is ${verdict}.`,
  ].join('\n\n');
}

function unwritten(target: string, missing: readonly MissingOperation[]): string[] {
  if (missing.length === 0) return [];
  const items = missing.map(({ operations, message }) => `  ${operations.join(', ')}\n    ${message}`);
  return [`${target} claims to do these, and answers UNSUPPORTED:\n${items.join('\n')}`];
}

function notRun({ cases }: ConformanceReport): string[] {
  const idsByReason = new Map<string, string[]>();
  for (const { id, reason } of cases.notRun) {
    if (reason !== 'filtered') idsByReason.set(reason, [...(idsByReason.get(reason) ?? []), id]);
  }
  if (idsByReason.size === 0) return [];
  const lines = [...idsByReason].map(([reason, ids]) => {
    return ids.length > MOST_IDS ? `  ${reason}:\n${bySection(ids)}` : `  ${reason}: ${ids.join(', ')}`;
  });
  return [['Not run:', ...lines].join('\n')];
}

/** `GET      12 cases  reading`, a line for each section of the specification. */
function bySection(ids: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const id of ids) {
    const section = id.slice(0, id.indexOf('-'));
    counts.set(section, (counts.get(section) ?? 0) + 1);
  }
  return [...counts]
    .map(([section, count]) => {
      const cases = `${count} ${count === 1 ? 'case' : 'cases'}`;
      return `    ${section.padEnd(8)}  ${cases.padStart(9)}  ${sectionTitles.get(section) ?? ''}`.trimEnd();
    })
    .join('\n');
}

function untested({ cases, clauses, verdict }: ConformanceReport): string[] {
  const isFiltered = cases.notRun.some(({ reason }) => reason === 'filtered');
  const ids = clauses.filter(({ status }) => status === 'untested').map(({ id }) => id);
  return verdict === 'incomplete' && !isFiltered ? [`Claimed and not tested: ${ids.join(', ')}`] : [];
}
