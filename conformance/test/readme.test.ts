import { readFileSync } from 'node:fs';
import { cases } from '@sess/conformance';
import { expect, test } from 'vitest';
import { saboteurs } from './saboteurs/index.ts';
import { processSaboteurs } from './saboteurs/process-saboteurs.ts';

test('the README tells the right numbers', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`${cases.length} cases`);
  expect(readme).toContain(`${saboteurs.length + processSaboteurs.length} saboteurs`);
});
