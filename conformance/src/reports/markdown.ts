import type { NamedVersion } from '../target.ts';
import type { ConformanceReport } from './report.ts';

const colors = {
  conformant: 'brightgreen',
  'conformant with waivers': 'yellow',
  incomplete: 'yellow',
  'not conformant': 'red',
} as const;

/** A badge, as a line of Markdown. */
export function badgeOf({ verdict, versions }: ConformanceReport): string {
  const label = `sess contract ${versions.contract}`;
  const url = `https://img.shields.io/badge/${encodeURIComponent(label)}-${encodeURIComponent(verdict)}-${colors[verdict]}`;
  return `![${label}: ${verdict}](${url})`;
}

/** The report for people: a badge, the versions, what failed and what was not run, and every clause. */
export function markdownOf(report: ConformanceReport): string {
  const { target, server, verdict, cases, clauses, versions, seed } = report;
  const failed = cases.results.filter(({ status }) => status === 'failed');
  const waived = cases.results.filter(({ status }) => status === 'waived');
  return [
    `# Conformance of ${target}`,
    '',
    badgeOf(report),
    '',
    `**${verdict}**: ${cases.run} cases run, ${cases.passed} passed, ${cases.failed} failed, ${cases.waived} waived, ${cases.notRun.length} not run.`,
    '',
    ...table(
      ['what', 'version'],
      [
        ['contract', String(versions.contract)],
        ['kit', versions.kit],
        ['adapter', named(versions.adapter)],
        ['driver', named(versions.driver)],
        ['server', named(server)],
        ['Node', versions.node],
        ['seed', String(seed)],
      ],
    ),
    ...section(
      'Failed',
      ['case', 'what should be so'],
      failed.map(({ id, title, failure }) => [id, `${title}: ${failure?.what ?? ''}`]),
    ),
    ...section(
      'Waived',
      ['case', 'reason'],
      waived.map(({ id, reason = '' }) => [id, reason]),
    ),
    ...section(
      'Not run',
      ['case', 'reason'],
      cases.notRun.map(({ id, reason }) => [id, reason]),
    ),
    ...section(
      'Clauses',
      ['clause', 'level', 'status'],
      clauses.map(({ id, level, status }) => [id, level, status]),
    ),
    '',
  ].join('\n');
}

function section(title: string, header: string[], rows: string[][]): string[] {
  return rows.length === 0 ? [] : ['', `## ${title}`, '', ...table(header, rows)];
}

function table(header: string[], rows: string[][]): string[] {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replace(/[|\n]/g, ' ')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}

function named(version: NamedVersion | null): string {
  return version === null ? '-' : `${version.name} ${version.version}`;
}
