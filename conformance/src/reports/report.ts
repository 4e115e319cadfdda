import { readFileSync } from 'node:fs';
import type { StoreSupports } from '@sess/core/store';
import { type CaseResult, notRunStatuses } from '../case-result.ts';
import { clauses } from '../clauses.ts';
import { specVersion } from '../spec-version.ts';
import type { ConformanceTarget, NamedVersion } from '../target.ts';
import { untestedClauses, type Verdict, verdictOf } from '../verdict.ts';

/** What became of a clause. */
export type ClauseStatus = 'kept' | 'broken' | 'waived' | 'untested' | 'not claimed';

/** The report of a run, as it is written to JSON: `report.schema.json` describes it. */
export interface ConformanceReport {
  /** The target's name. */
  readonly target: string;
  /** What the store talked to, where it talks to something. */
  readonly server: NamedVersion | null;
  readonly verdict: Verdict;
  readonly cases: {
    readonly run: number;
    readonly passed: number;
    readonly failed: number;
    readonly waived: number;
    readonly notRun: readonly { readonly id: string; readonly reason: string }[];
    readonly results: readonly CaseResult[];
  };
  readonly clauses: readonly {
    readonly id: string;
    readonly level: 'MUST' | 'SHOULD';
    readonly status: ClauseStatus;
  }[];
  readonly versions: {
    readonly kit: string;
    readonly contract: number;
    readonly adapter: NamedVersion | null;
    readonly driver: NamedVersion | null;
    readonly node: string;
  };
  /** The store's claims; null for a minimal store. */
  readonly supports: StoreSupports | null;
  readonly seed: number;
  /** In ms since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
}

/** The version of this kit. */
export const kitVersion: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;

/** The report of the results of a run. Throws where no case has run. */
export function reportOf(run: {
  readonly target: ConformanceTarget;
  readonly server: NamedVersion | undefined;
  readonly supports: StoreSupports | undefined;
  readonly seed: number;
  readonly startedAt: number;
  readonly results: readonly CaseResult[];
}): ConformanceReport {
  const { target, server, supports, seed, startedAt, results } = run;
  const count = (status: CaseResult['status']) => results.filter((it) => it.status === status).length;
  const notRun = results.filter(({ status }) => notRunStatuses.includes(status));
  return {
    target: target.name,
    server: server ?? null,
    verdict: verdictOf(results),
    cases: {
      run: results.length - notRun.length,
      passed: count('passed'),
      failed: count('failed'),
      waived: count('waived'),
      notRun: notRun.map(({ id, reason = '' }) => ({ id, reason })),
      results,
    },
    clauses: clauses.map(({ id, level }) => ({ id, level, status: clauseStatus(id, results) })),
    versions: {
      kit: kitVersion,
      contract: specVersion,
      adapter: target.adapter ?? null,
      driver: target.driver ?? null,
      node: process.versions.node,
    },
    supports: supports ?? null,
    seed,
    startedAt,
    durationMs: Date.now() - startedAt,
  };
}

function clauseStatus(clause: string, results: readonly CaseResult[]): ClauseStatus {
  const statuses = results.filter((it) => it.clause === clause).map(({ status }) => status);
  if (statuses.includes('failed')) return 'broken';
  if (statuses.includes('waived')) return 'waived';
  if (statuses.includes('blocked') || untestedClauses(results).includes(clause)) return 'untested';
  return statuses.includes('passed') ? 'kept' : 'not claimed';
}
