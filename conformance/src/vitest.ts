import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, test } from 'vitest';
import { notRunStatuses } from './case-result.ts';
import { ConformanceRun, type RunOptions } from './conformance-run.ts';
import { targetNameOf } from './load-target.ts';
import { summaryOf } from './reports/summary.ts';
import { CASE_TIMEOUT_MS } from './run-case.ts';
import type { ConformanceTarget } from './target.ts';

/**
 * Registers one Vitest test for each case, and a last one for the verdict. The tests of what the store does not claim are
 * skipped, with the reason. Where SESS_CONFORMANCE_REPORTS names a folder, the JSON report is written there.
 *
 * @param source The URL of a target file. A target itself works too, without the cases that fork processes.
 * @example
 * ```ts
 * import { conformance } from '@sess/conformance/vitest';
 *
 * conformance(new URL('./my-store.target.js', import.meta.url));
 * ```
 */
export function conformance(source: URL | ConformanceTarget, options: RunOptions = {}): void {
  const name = targetNameOf(source);
  describe(`conformance: ${name}`, async () => {
    const run = await ConformanceRun.start(source, options);
    for (const tested of run.cases) {
      const timeout = (tested.timeoutMs ?? CASE_TIMEOUT_MS) + 30_000; // the kit's own limit says more
      test(`${tested.id} ${tested.title}`, { timeout }, async ({ skip }) => {
        const result = await run.execute(tested);
        if (result.status === 'failed') throw failureOf(run.messageOf(result));
        if (result.status === 'waived') skip(`waived: ${result.reason}`);
        if (notRunStatuses.includes(result.status)) skip(result.reason);
      });
    }
    test('verdict', () => {
      if (run.results.length < run.cases.length) return; // only some of the tests were asked for
      if (!run.verdict.startsWith('conformant')) throw failureOf(summaryOf(run.report(), run.profile.missing));
    });
    afterAll(() => {
      const folder = process.env.SESS_CONFORMANCE_REPORTS;
      if (folder === undefined || folder === '' || run.results.length === 0) return;
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(run.report(), null, 2)}\n`);
    });
  });
}

/** The message says it all; a stack through the kit would only hide it. */
function failureOf(message: string): Error {
  const failure = new Error(message);
  failure.stack = message;
  return failure;
}
