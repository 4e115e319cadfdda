import { clauses } from '@sess/conformance';
import { saboteurs } from './saboteurs/index.ts';
import { processSaboteurs } from './saboteurs/process-saboteurs.ts';

export const tableFile: URL = new URL('../../docs/conformance/saboteurs.md', import.meta.url);

/** The published table: each saboteur with the clauses that it breaks, and each clause with its saboteurs. */
export function saboteurTable(): string {
  const all = [...saboteurs, ...processSaboteurs];
  const breakers = (clause: string) => all.filter(({ fails }) => fails.includes(clause)).map(({ name }) => name);
  return [
    '# Saboteurs',
    '',
    'The conformance kit is tested too: with stores that each have one seeded defect. Each of them must fail exactly the',
    'clauses below, no fewer and no more. This page is made by `node conformance/test/write-saboteur-table.ts`, and a test',
    'fails when it is stale. The clauses are in [SPEC.md](../../conformance/SPEC.md).',
    '',
    'A saboteur that breaks reading or writing as such (GET-1, GET-2) blocks the other cases: one bug, one red line.',
    '',
    `## ${all.length} saboteurs`,
    '',
    '| saboteur | defect | fails |',
    '| --- | --- | --- |',
    ...all.map(({ name, defect, fails }) => `| ${name} | ${defect} | ${fails.join(', ')} |`),
    '',
    `## ${clauses.length} clauses`,
    '',
    '| clause | level | saboteurs |',
    '| --- | --- | --- |',
    ...clauses.map(({ id, level }) => `| ${id} | ${level} | ${breakers(id).join(', ')} |`),
    '',
  ].join('\n');
}
