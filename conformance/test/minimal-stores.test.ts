import { runConformance } from '@sess/conformance';
import { expect, test } from 'vitest';
import { failedClauses } from './failed-clauses.ts';
import { useTemporaryFolder } from './fixtures/temporary-folder.ts';

useTemporaryFolder();

const run = (file: string) => runConformance(new URL(`./peers/${file}.target.ts`, import.meta.url), { seed: 1 });

test('a JSON-file class that swallows errors and joins ids to paths breaks just the clauses on errors and ids', async () => {
  const report = await run('json-file');
  expect(failedClauses(report)).toEqual(['ID-1', 'ID-2', 'ERROR-1']);
  expect(report.verdict).toBe('not conformant');
});

test('the corrected class conforms', async () => {
  const report = await run('corrected-json-file');
  expect(failedClauses(report)).toEqual([]);
  expect(report.verdict).toBe('conformant');
});

test('a literal over a Redis client conforms in what it claims', async () => {
  const report = await run('redis-literal');
  expect(failedClauses(report)).toEqual([]);
  expect(report.verdict).toBe('conformant');
  expect(report.supports).toBeNull();
  expect(report.cases.notRun).toContainEqual({
    id: 'COMMIT-1.1',
    reason: 'not claimed: a minimal store has get and save only',
  });
});
