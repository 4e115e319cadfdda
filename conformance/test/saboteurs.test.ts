import { readFileSync } from 'node:fs';
import { cases, clauses, runConformance } from '@sess/conformance';
import { describe, expect, test } from 'vitest';
import { failedClauses } from './failed-clauses.ts';
import { saboteurTable, tableFile } from './saboteur-table.ts';
import { saboteurs } from './saboteurs/index.ts';
import { processSaboteurs } from './saboteurs/process-saboteurs.ts';
import { targetOf } from './saboteurs/saboteur.ts';

const seed = 1;
const all = [...saboteurs, ...processSaboteurs];

describe('each saboteur fails exactly its clauses', () => {
  for (const { name, fails, sabotage, opened } of saboteurs) {
    test(name, async () => {
      expect(failedClauses(await runConformance(targetOf(name, sabotage(), opened), { seed })).sort()).toEqual(
        fails.toSorted(),
      );
    });
  }
});

describe('the saboteurs and the cases cover the specification', () => {
  test('saboteurs have names of their own, and break clauses that exist', () => {
    expect(new Set(all.map(({ name }) => name)).size).toBe(all.length);
    const known = new Set(clauses.map(({ id }) => id));
    for (const { name, fails } of all) {
      expect(fails.length, name).toBeGreaterThan(0);
      expect(fails.filter((id) => !known.has(id))).toEqual([]);
    }
  });

  test('each MUST has a case', () => {
    const tested = new Set(cases.map(({ clause }) => clause));
    expect(clauses.filter(({ id, level }) => level === 'MUST' && !tested.has(id))).toEqual([]);
  });

  test('each MUST has a saboteur that fails it', () => {
    const broken = new Set(all.flatMap(({ fails }) => fails));
    expect(clauses.filter(({ id, level }) => level === 'MUST' && !broken.has(id))).toEqual([]);
  });

  test('the published table is up to date', () => {
    expect(readFileSync(tableFile, 'utf8')).toBe(saboteurTable());
  });
});

describe('a right store conforms', () => {
  test.each(['right', 'CON', '__proto__', '../right', 'caf\u00e9 \u{1f600}'])('under the name %j', async (name) => {
    const { verdict, cases: summary, target } = await runConformance(targetOf(name, {}), { seed });
    // Nothing but the processes is untested: they need a target file.
    expect([target, verdict, summary.failed]).toEqual([name, 'incomplete', 0]);
    expect(summary.results.filter(({ status }) => status === 'not offered').map(({ clause }) => clause)).toEqual([
      'RACE-8',
      'RACE-8',
      'RACE-8',
      'RACE-9',
    ]);
  });
});
