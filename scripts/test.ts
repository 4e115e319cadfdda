// `npm test`: builds, runs everything that tests, and ends with one table and one line of sums.
// Arguments go to Vitest; with any (but --coverage) only Vitest runs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, root } from './bootstrap.mjs';
import { command } from './command.ts';
import type { TestResult } from './test-result.ts';
import { printTestTable, readConformanceReports } from './test-table.ts';
import { filesBelow, workspacePackages } from './workspace.ts';

const args = process.argv.slice(2);
const filtered = args.some((arg) => arg !== '--coverage');
const machineNode = process.env.SESS_MACHINE_NODE ?? process.execPath;

const reports = join(root, 'reports');
const conformanceReports = join(reports, 'conformance');
rmSync(reports, { recursive: true, force: true });
mkdirSync(conformanceReports, { recursive: true });
process.env.SESS_CONFORMANCE_REPORTS = conformanceReports;
process.env.SESS_TEST_RESULTS = reports;

const results: TestResult[] = [];
// So that the closing line of a CI run, which is this script's, tells of everything that failed in it.
for (const command of process.env.SESS_FAILED_COMMANDS?.split(',') ?? []) {
  results.push({ package: command, name: 'see above', state: 'failed' });
}
if ((await build()) === 0) {
  results.push(...(await vitest()));
  if (!filtered) results.push(...(await nodeTest()), ...smoke());
} else {
  results.push({ package: 'build', name: 'build', state: 'failed' });
}

const failures = results.filter(({ state }) => state === 'failed');
if (failures.length > 0) console.log('\nFailed:');
for (const failure of failures) console.log(`  ${failure.package}: ${failure.name}`);

printTestTable(results, readConformanceReports(conformanceReports));

const count = (state: TestResult['state']) => results.filter((it) => it.state === state).length;
const passed = count('passed');
if (passed === 0) console.log('No test ran.');
console.log(`${passed} passed, ${failures.length} failed, ${count('skipped')} skipped`);
process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;

async function vitest(): Promise<TestResult[]> {
  const reporters = ['--reporter=default', '--reporter=./scripts/vitest-results.ts'];
  const status = await command('vitest', ['run', ...reporters, ...args]);
  const file = join(reports, 'vitest.json');
  const found: TestResult[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  // Whatever else Vitest objects to (a threshold, a crash before its report) is a failure too.
  if (status !== 0 && !found.some(({ state }) => state === 'failed')) {
    found.push({ package: 'vitest', name: `exit code ${status}`, state: 'failed' });
  }
  return found;
}

async function nodeTest(): Promise<TestResult[]> {
  const files = workspacePackages().flatMap(({ folder }) =>
    filesBelow(folder, 'test', /\.node-test\.(js|mjs|ts)$/).map((file) => `${folder}/${file}`),
  );
  if (files.length === 0) return [];
  const file = join(reports, 'node-test.jsonl');
  const reporters = [
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    ...['--test-reporter=./scripts/node-test-results.mjs', `--test-reporter-destination=${file}`],
  ];
  console.log('\nnode:test');
  const status = await command(process.execPath, ['--test', ...reporters, ...files]);
  const found = lines(existsSync(file) ? readFileSync(file, 'utf8') : '').map((line): TestResult => {
    const owner = workspacePackages().find(({ folder }) => line.file?.startsWith(join(root, folder, '/')));
    return { ...line, package: `${owner?.manifest.name ?? 'workspace'} (node:test)` };
  });
  if (status !== 0 && !found.some(({ state }) => state === 'failed')) {
    found.push({ package: 'node:test', name: `exit code ${status}`, state: 'failed' });
  }
  return found;
}

function smoke(): TestResult[] {
  const script = join(root, 'scripts', 'smoke.mjs');
  const { status, stdout } = spawnSync(machineNode, [script], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const version = spawnSync(machineNode, ['--version'], { encoding: 'utf8' }).stdout.trim();
  const suite = `smoke test on Node ${version}`;
  const found = lines(stdout).map((line): TestResult => ({ ...line, package: suite }));
  if (status !== 0) found.push({ package: suite, name: `exit code ${status}`, state: 'failed' });
  return found;
}

function lines(text: string): (Omit<TestResult, 'package'> & { file?: string })[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
