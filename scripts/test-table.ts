import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestResult } from './test-result.ts';

/** What the table takes from a report of the conformance kit: which server its target talked to, and what it left out. */
export interface ConformanceReport {
  target: string;
  server: string;
  notRun: { id: string; reason: string }[];
}

interface Row {
  suite: string;
  server: string;
  passed: number;
  failed: number;
  /** Why a test did not run, once for each such test. */
  reasons: string[];
}

/** Tests under a suite of this title are conformance cases; the rest of the title is the target's name. */
const conformanceTitle = /^conformance: (.+?)(?: > |$)/;

/** Reads the reports in a folder, one JSON file for each target. */
export function readConformanceReports(folder: string): ConformanceReport[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return files.sort().map((name) => {
    const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    return {
      target: nameOf(report.target) || name.replace(/\.json$/, ''),
      server: nameOf(report.server),
      notRun: report.cases?.notRun ?? report.notRun ?? [],
    };
  });
}

/** Prints what ran: a row for each package, and one for each target of the conformance kit. */
export function printTestTable(results: readonly TestResult[], reports: readonly ConformanceReport[]): void {
  const rows = new Map<string, Row>();
  for (const result of results) {
    const target = conformanceTitle.exec(result.name)?.[1];
    const suite = target === undefined ? result.package : `${result.package}: ${target}`;
    const report = reports.find((it) => it.target === target);
    const row = rows.get(suite) ?? { suite, server: report?.server || '-', passed: 0, failed: 0, reasons: [] };
    rows.set(suite, row);
    if (result.state === 'passed') row.passed += 1;
    else if (result.state === 'failed') row.failed += 1;
    else
      row.reasons.push(
        result.reason ?? report?.notRun.find(({ id }) => mentions(result.name, id))?.reason ?? 'no reason given',
      );
  }

  const header = ['package', 'server', 'run', 'passed', 'failed', 'not run', 'why'];
  const body = [...rows.values()].map((row) => [
    row.suite,
    row.server,
    String(row.passed + row.failed),
    String(row.passed),
    String(row.failed),
    String(row.reasons.length),
    summary(row.reasons),
  ]);
  const widths = header.map((title, column) =>
    Math.max(...[header, ...body].map((cells) => cells[column]?.length ?? 0), title.length),
  );
  const print = (cells: readonly string[]) => {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column >= 2 && column <= 5 ? cell.padStart(width) : cell.padEnd(width);
    });
    console.log(padded.join('  ').trimEnd());
  };
  console.log('');
  print(header);
  print(widths.map((width) => '-'.repeat(width)));
  for (const cells of body) print(cells);
  console.log('');
}

/** `3 x no server; 1 x not claimed: ttl`, the most frequent first. */
function summary(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${count} x ${reason}`)
    .join('; ');
}

/** Whether a test's title names this case: `GET-3.1` is not named by `GET-3.12`. */
function mentions(title: string, id: string): boolean {
  return title.split(/[\s:]+/).includes(id);
}

/** A name, with its version: from `'Redis 7.0.15'` or `{ name: 'Redis', version: '7.0.15' }`. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const { name, version } = value as { name?: string; version?: string };
  return [name, version].filter((it) => it !== undefined).join(' ');
}
