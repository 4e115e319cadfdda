import { randomInt, randomUUID } from 'node:crypto';
import type { CaseResult } from './case-result.ts';
import { cases as allCases } from './cases/index.ts';
import { clauseOf } from './clauses.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { failureMessage } from './failure-message.ts';
import { loadTarget } from './load-target.ts';
import { type ConformanceReport, reportOf } from './reports/report.ts';
import { runCase } from './run-case.ts';
import { profileOf, type StoreProfile, unmetRequirement } from './store-profile.ts';
import type { ConformanceTarget, NamedVersion } from './target.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** How to run the cases. */
export interface RunOptions {
  /** For everything random; a failure prints it. Default: SESS_CONFORMANCE_SEED in the environment, else a random one. */
  readonly seed?: number;
  /** Only cases whose id or title contains this, ids as a whole or by clause. Default: all. */
  readonly filter?: string;
}

/** A run of the kit over one target: what test frameworks are given one case at a time. */
export class ConformanceRun {
  readonly target: ConformanceTarget;
  readonly seed: number;
  readonly profile: StoreProfile;
  readonly startedAt: number = Date.now();
  readonly #url: URL | undefined;
  readonly #filter: string | undefined;
  readonly #server: NamedVersion | undefined;
  readonly #results = new Map<string, Promise<CaseResult>>();
  readonly #finished = new Map<string, CaseResult>();
  /** Spaces must be fresh, also where a seed is repeated on the same server. */
  readonly #spaces = `k${randomUUID().slice(0, 8)}`;

  private constructor(
    target: ConformanceTarget,
    url: URL | undefined,
    profile: StoreProfile,
    server: NamedVersion | undefined,
    { seed, filter }: RunOptions,
  ) {
    this.target = target;
    this.profile = profile;
    this.seed = seed ?? seedOfEnvironment() ?? randomInt(2 ** 31);
    this.#url = url;
    this.#server = server;
    this.#filter = filter;
  }

  /** Loads the target and opens its store once, to see what it claims. Rejects where that is impossible. */
  static async start(source: URL | ConformanceTarget, options: RunOptions = {}): Promise<ConformanceRun> {
    const [target, url] = source instanceof URL ? [await loadTarget(source), source] : [source, undefined];
    checkWaivers(target);
    const profile = await profileOf(target, `k${randomUUID().slice(0, 8)}`);
    const server = typeof target.server === 'function' ? await target.server() : target.server;
    return new ConformanceRun(target, url, profile, server, options);
  }

  /** All cases, in the order in which they have to run. */
  get cases(): readonly ConformanceCase[] {
    return allCases;
  }

  /** The results so far, in the order of the cases. */
  get results(): readonly CaseResult[] {
    return allCases.flatMap(({ id }) => this.#finished.get(id) ?? []);
  }

  /** What the results so far show. Throws where no case has run. */
  get verdict(): Verdict {
    return verdictOf(this.results);
  }

  /** Runs a case, once: what was run before is answered again. Never rejects. */
  execute(tested: ConformanceCase): Promise<CaseResult> {
    const known = this.#results.get(tested.id);
    if (known !== undefined) return known;
    const result = this.#execute(tested, !this.#isWanted(tested));
    this.#results.set(tested.id, result);
    return result;
  }

  /** Runs all cases, in order. */
  async executeAll(onResult: (result: CaseResult) => void = () => {}): Promise<void> {
    for (const tested of this.cases) onResult(await this.execute(tested));
  }

  /** The failure of a result, for people. */
  messageOf(result: CaseResult): string {
    return result.failure === undefined ? '' : failureMessage(result, result.failure, this.seed);
  }

  /** The report of what was run so far. */
  report(): ConformanceReport {
    return reportOf({
      target: this.target,
      server: this.#server,
      supports: this.profile.supports,
      seed: this.seed,
      startedAt: this.startedAt,
      results: this.results,
    });
  }

  async #execute(tested: ConformanceCase, filtered: boolean): Promise<CaseResult> {
    const started = performance.now();
    const outcome = filtered ? { status: 'filtered' as const, reason: 'filtered' } : await this.#outcomeOf(tested);
    const { id, clause, title } = tested;
    const result: CaseResult = {
      id,
      clause,
      level: clauseOf(clause).level,
      title,
      ...outcome,
      durationMs: Math.round(performance.now() - started),
    };
    this.#finished.set(id, result);
    return result;
  }

  async #outcomeOf(tested: ConformanceCase): Promise<Pick<CaseResult, 'status' | 'reason' | 'failure'>> {
    for (const requirement of tested.requires) {
      const unmet = unmetRequirement(requirement, this.profile, this.target, this.#url);
      if (unmet !== undefined) return unmet;
    }
    const blocker = this.#missingFor(tested) ?? (await this.#blockerOf(tested));
    if (blocker !== undefined) return { status: 'blocked', reason: `blocked by ${blocker}` };

    const failure = await runCase(tested, {
      target: this.target,
      targetUrl: this.#url,
      profile: this.profile,
      space: `${this.#spaces}-${tested.id.toLowerCase().replaceAll('.', '-')}`,
      seed: this.seed,
    });
    const waiver = ownWaiver(this.target, tested.id);
    if (waiver === undefined) return failure === undefined ? { status: 'passed' } : { status: 'failed', failure };
    if (failure !== undefined) return { status: 'waived', reason: waiver, failure };
    const what = `the case passes in spite of its waiver (${waiver}): remove the waiver`;
    return { status: 'failed', failure: { what, differences: [], calls: [] } };
  }

  /** What the case needs and the store does not do yet: a case of its own for each would only repeat it. */
  #missingFor({ requires }: ConformanceCase): string | undefined {
    const missing = this.profile.missing.flatMap(({ operations }) => operations);
    const lists = requires.some((requirement) => requirement.startsWith('list'));
    const isNeeded = missing.some((operation) => operation !== 'list' || lists);
    return isNeeded ? `what is missing: ${missing.join(', ')}` : undefined;
  }

  /** The id of a failed case that this one builds on. */
  async #blockerOf({ after = 'roots' }: ConformanceCase): Promise<string | undefined> {
    if (after === 'nothing') return undefined;
    for (const root of this.cases.filter((it) => it.after === 'nothing')) {
      // Run even where a filter leaves the root out: what builds on it says nothing otherwise.
      const result = this.#finished.get(root.id);
      const { status } =
        result === undefined || result.status === 'filtered' ? await this.#execute(root, false) : result;
      if (status === 'failed') return root.id;
    }
    if (after === 'roots') return undefined;
    const searches = new Set(this.cases.filter((it) => it.after === 'examples').map(({ id }) => id));
    return this.results.find(({ id, status }) => status === 'failed' && !searches.has(id))?.id;
  }

  #isWanted({ id, clause, title }: ConformanceCase): boolean {
    const wanted = this.#filter?.toLowerCase();
    if (wanted === undefined) return true;
    if (/^[a-z]+-\d+$/.test(wanted)) return clause.toLowerCase() === wanted;
    return (
      id.toLowerCase() === wanted ||
      (!/^[a-z]+-\d+\.\d+$/.test(wanted) && `${id} ${title}`.toLowerCase().includes(wanted))
    );
  }
}

/** Runs all cases and resolves to the report. Rejects where nothing could be run. */
export async function runConformance(
  source: URL | ConformanceTarget,
  options: RunOptions & { onResult?: (result: CaseResult) => void } = {},
): Promise<ConformanceReport> {
  const run = await ConformanceRun.start(source, options);
  await run.executeAll(options.onResult);
  return run.report();
}

function checkWaivers({ name, waivers = {} }: ConformanceTarget): void {
  for (const [id, reason] of Object.entries(waivers)) {
    if (!allCases.some((it) => it.id === id)) throw new Error(`${name} waives ${id}, and there is no such case.`);
    if (typeof reason !== 'string' || reason.trim() === '') throw new Error(`${name} waives ${id} without a reason.`);
  }
}

function ownWaiver({ waivers = {} }: ConformanceTarget, id: string): string | undefined {
  return Object.hasOwn(waivers, id) ? waivers[id] : undefined;
}

function seedOfEnvironment(): number | undefined {
  const seed = process.env.SESS_CONFORMANCE_SEED;
  return seed === undefined || seed === '' ? undefined : Number(seed) >>> 0;
}
