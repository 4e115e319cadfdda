import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useTemporaryFolder } from './fixtures/temporary-folder.ts';
import { schemaProblems } from './json-schema.ts';

const folder = useTemporaryFolder();
const manifest = createRequire(import.meta.url).resolve('@sess/conformance/package.json');
const program = join(manifest, '..', JSON.parse(readFileSync(manifest, 'utf8')).bin['sess-conformance']);
const schema = JSON.parse(readFileSync(join(manifest, '..', 'src', 'report.schema.json'), 'utf8'));
const memory = fileURLToPath(new URL('./memory-store.target.ts', import.meta.url));
const jsonFile = fileURLToPath(new URL('./peers/json-file.target.ts', import.meta.url));

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', cwd: folder });
}

test('a store that conforms: 0, and the reports', () => {
  const files = ['report.json', 'report.xml', 'report.md'].map((name) => join(folder, name));
  const [json = '', junit = '', markdown = ''] = files;
  const { status, stdout } = run(memory, '--report', json, '--junit', junit, '--markdown', markdown, '--seed', '5');
  expect(stdout).toContain('memory-store is conformant.');
  expect(status).toBe(0);

  const report = JSON.parse(readFileSync(json, 'utf8'));
  expect(schemaProblems(report, schema)).toEqual([]);
  expect(report).toMatchObject({ target: 'memory-store', server: null, verdict: 'conformant', seed: 5 });
  expect(report.cases.run).toBe(report.cases.passed);
  expect(report.cases.run + report.cases.notRun.length).toBe(report.cases.results.length);
  expect(report.versions).toMatchObject({ contract: 1, node: process.versions.node });

  const xml = readFileSync(junit, 'utf8');
  expect(xml.match(/<testcase /g)?.length).toBe(report.cases.results.length);
  expect(xml.match(/<skipped /g)?.length).toBe(report.cases.notRun.length);
  expect(xml).not.toContain('<failure');

  const page = readFileSync(markdown, 'utf8');
  expect(page).toContain('![sess contract 1: conformant](');
  expect(page).toContain('| GET-1 | MUST | kept |');
  expect(page).toContain('| RACE-9.1 | not claimed: several processes |');
});

test('a store that does not: 1, with the failures in each report', () => {
  const files = ['bad.json', 'bad.xml', 'bad.md'].map((name) => join(folder, name));
  const [json = '', junit = '', markdown = ''] = files;
  const { status, stdout } = run(jsonFile, '--report', json, '--junit', junit, '--markdown', markdown);
  expect(status).toBe(1);
  expect(stdout).toContain('FAILED ERROR-1.1');
  expect(stdout).toContain('json-file is not conformant.');
  const report = JSON.parse(readFileSync(json, 'utf8'));
  expect(schemaProblems(report, schema)).toEqual([]);
  expect(report.supports).toBeNull();
  const xml = readFileSync(junit, 'utf8');
  expect(xml.match(/<failure /g)?.length).toBe(report.cases.failed);
  // Ids with control characters are in the messages; XML cannot hold them.
  expect([...xml].filter((character) => character < ' ' && character !== '\n')).toEqual([]);
  expect(readFileSync(markdown, 'utf8')).toContain('| ERROR-1.1 |');
});

test('only some of the cases: 1, since not everything was tested', () => {
  const { status, stdout } = run(memory, '--filter', 'GET-5');
  expect(status).toBe(1);
  expect(stdout).toContain('memory-store is incomplete.');
});

test.each([
  ['no target', []],
  ['a file that is not there', ['nowhere.js']],
  ['an unknown option', [memory, '--loud']],
  ['a seed that is no number', [memory, '--seed', 'x']],
  ['a filter that fits nothing', [memory, '--filter', 'no such case']],
])('%s: 2', (_, args) => {
  const { status, stderr } = run(...args);
  expect(stderr).toContain('The cases could not be run.');
  expect(status).toBe(2);
});

test('a file without a target: 2', () => {
  writeFileSync(join(folder, 'empty.js'), 'export default {};\n');
  const { status, stderr } = run('empty.js');
  expect(stderr).toContain('must export a target by default');
  expect(status).toBe(2);
});

test('--help: 0', () => {
  const { status, stdout } = run('--help');
  expect(stdout).toContain('Usage: sess-conformance TARGET');
  expect(status).toBe(0);
});
