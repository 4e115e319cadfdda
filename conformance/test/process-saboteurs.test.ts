import { runConformance } from '@sess/conformance';
import { describe, expect, test } from 'vitest';
import { failedClauses } from './failed-clauses.ts';
import { useTemporaryFolder } from './fixtures/temporary-folder.ts';
import { processSaboteurs } from './saboteurs/process-saboteurs.ts';

useTemporaryFolder();

// A file of its own, so that it runs beside the other saboteurs.
describe('each saboteur of processes fails exactly its clauses', () => {
  for (const { name, fails, target } of processSaboteurs) {
    test(name, { timeout: 120_000 }, async () => {
      expect(failedClauses(await runConformance(target, { seed: 1 }))).toEqual(fails);
    });
  }
});
