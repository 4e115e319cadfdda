import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createStore } from '../src/create-store.ts';
import { storeName } from '../src/store-name.ts';
import { temporaryFolder } from './temporary-folder.ts';

const packageFolder = join(import.meta.dirname, '..');

/** A package as `npm create sess-store` and `npm install` leave it, with the packages of this repository. */
function installedStore(): string {
  const parent = temporaryFolder();
  createStore(storeName('@me/store-red-db'), parent, {});
  const folder = join(parent, 'store-red-db');
  mkdirSync(join(folder, 'node_modules'));
  for (const name of ['@sess', '@types', 'typescript', 'vitest']) {
    symlinkSync(join(packageFolder, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

function run(folder: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, CI: undefined, VITEST: undefined };
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
}

function build(folder: string): void {
  expect(run(folder, 'node_modules/typescript/bin/tsc')).toMatchObject({ status: 0, stdout: '' });
}

const hooks = ['readSession', 'writeSession', 'listSessions', 'closeStore'];

test('untouched, it builds, and the kit names each hook that is to be written, once', () => {
  const folder = installedStore();
  build(folder);
  const { status, stdout } = run(folder, 'node_modules/@sess/conformance/dist/cli.js', 'test/red-db.target.js');
  for (const hook of hooks) expect(stdout.split(`${hook} is still to be written`), hook).toHaveLength(2);
  expect(stdout).toContain('red-db is not conformant.');
  expect(stdout.split('\n').length).toBeLessThan(50);
  expect(status).toBe(1);
});

test('untouched, it fails one test, whose message is the list', () => {
  const folder = installedStore();
  build(folder);
  const { status, stdout, stderr } = run(folder, 'node_modules/vitest/vitest.mjs', 'run', '--hideSkippedTests');
  expect(stdout).toMatch(/1 failed \| \d+ skipped/);
  for (const hook of hooks) expect(stderr.split(`${hook} is still to be written`), hook).toHaveLength(2);
  expect(status).toBe(1);
});

test('with the files of its README, a Map behind it, it passes the kit', { timeout: 120_000 }, () => {
  const folder = installedStore();
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const files = [...readme.matchAll(/^```[jt]s\n\/\/ (\S+\/\S+)\n([\s\S]*?)^```$/gm)];
  expect(files.map(([, file]) => file)).toEqual(['src/red-db-store.ts', 'test/red-db.target.js']);
  for (const [, file = '', text = ''] of files) writeFileSync(join(folder, file), text);
  build(folder);
  const { status, stdout } = run(folder, 'node_modules/@sess/conformance/dist/cli.js', 'test/red-db.target.js');
  expect(stdout).toContain('red-db is conformant.');
  expect(status).toBe(0);
});

test('the program of its README runs', () => {
  const folder = installedStore();
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const [, program = ''] = /^```ts\n(import \{ sess \}[\s\S]*?)^```$/m.exec(readme) ?? [];
  for (const [, file = '', text = ''] of readme.matchAll(/^```[jt]s\n\/\/ (\S+\/\S+)\n([\s\S]*?)^```$/gm)) {
    writeFileSync(join(folder, file), text);
  }
  build(folder);
  writeFileSync(join(folder, 'program.mjs'), program);
  expect(run(folder, 'program.mjs')).toMatchObject({ status: 0, stdout: expect.stringContaining('Pavel') });
});
