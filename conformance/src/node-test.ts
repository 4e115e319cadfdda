import { test } from 'node:test';
import { notRunStatuses } from './case-result.ts';
import { ConformanceRun, type RunOptions } from './conformance-run.ts';
import { targetNameOf } from './load-target.ts';
import { summaryOf } from './reports/summary.ts';
import type { ConformanceTarget } from './target.ts';

/**
 * Registers one `node:test` test with a subtest for each case, and a last one for the verdict. The subtests of what the
 * store does not claim are skipped, with the reason.
 *
 * @param source The URL of a target file. A target itself works too, without the cases that fork processes.
 * @example
 * ```ts
 * import { conformance } from '@sess/conformance/node-test';
 *
 * conformance(new URL('./my-store.target.js', import.meta.url));
 * ```
 */
export function conformance(source: URL | ConformanceTarget, options: RunOptions = {}): void {
  test(`conformance: ${targetNameOf(source)}`, async (suite) => {
    const run = await ConformanceRun.start(source, options);
    for (const tested of run.cases) {
      await suite.test(`${tested.id} ${tested.title}`, async (it) => {
        const result = await run.execute(tested);
        if (result.status === 'failed') throw new Error(run.messageOf(result));
        // A case that the target waives, or that cannot be run on it, counts as skipped, and its reason is shown.
        if (result.status === 'waived') it.skip(`waived: ${result.reason}`);
        if (notRunStatuses.includes(result.status)) it.skip(result.reason);
      });
    }
    await suite.test('verdict', () => {
      if (run.results.length < run.cases.length) return; // only some of the tests were asked for
      if (!run.verdict.startsWith('conformant')) throw new Error(summaryOf(run.report(), run.profile.missing));
    });
  });
}
