import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import type { TestResult } from './test-result.ts';

/** Writes what `npm test` counts. Vitest's own JSON report lacks the reasons of skipped tests. */
export default class VitestResults implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const results: TestResult[] = [];
    for (const module of modules) {
      const suite = module.project.name;
      for (const test of module.children.allTests()) {
        const result = test.result();
        results.push({
          package: suite,
          name: test.fullName,
          // A test that never ran because its module or a hook failed stays pending; that module is counted below.
          state: result.state === 'pending' ? 'skipped' : result.state,
          reason: result.state === 'skipped' ? result.note : result.state === 'pending' ? 'did not run' : undefined,
        });
      }
      // Failures outside of any test: a module that does not load, a hook that throws.
      const errors = module.errors().length + [...module.children.allSuites()].flatMap((it) => it.errors()).length;
      for (let count = 0; count < errors; count += 1) {
        results.push({ package: suite, name: `${module.moduleId} (outside of a test)`, state: 'failed' });
      }
    }
    for (const error of unhandledErrors) {
      results.push({ package: 'unhandled errors', name: String(error), state: 'failed' });
    }
    const folder = process.env.SESS_TEST_RESULTS;
    if (folder !== undefined) writeFileSync(join(folder, 'vitest.json'), JSON.stringify(results));
  }
}
