import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const packageFolder = join(import.meta.dirname, '..');
const manifest = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));

function run(folder: string, ...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const program = join(packageFolder, manifest.bin['create-sess-store']);
  return spawnSync(process.execPath, [program, ...args], { cwd: folder, encoding: 'utf8', input: '' });
}

test('a name: 0, the files, and what comes next', () => {
  const folder = temporaryFolder();
  const { status, stdout, stderr } = run(folder, '@me/store-red-db');
  expect(stderr).toBe('');
  expect(stdout).toContain('@me/store-red-db: 10 files in store-red-db\n');
  expect(stdout).toContain('src/red-db-store.ts');
  expect(stdout).toContain('cd store-red-db');
  expect(status).toBe(0);
  expect(readdirSync(folder)).toEqual(['store-red-db']);
});

test.each([
  ['no name, and no terminal to ask in', [], 'INVALID_USAGE'],
  ['two names', ['my-db', 'your-db'], 'INVALID_USAGE'],
  ['an unknown option', ['my-db', '--loud'], 'INVALID_USAGE'],
  ['a value for an option that has none', ['my-db', '--help=me'], 'INVALID_USAGE'],
  ['a name that npm refuses', ['My Db'], 'INVALID_NAME'],
  ['a name that would break a line', ['my\ndb'], 'INVALID_NAME'],
])('%s: 2, one line, and nothing is made', (_, args, code) => {
  const folder = temporaryFolder();
  const { status, stdout, stderr } = run(folder, ...args);
  expect(stderr).toMatch(new RegExp(`^${code}: [^\\n]+\\n$`));
  expect(stdout).toBe('');
  expect(status).toBe(2);
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder with something in it: 1, and it stays as it is', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'my-db'));
  writeFileSync(join(folder, 'my-db', 'precious.txt'), 'kept');
  const { status, stderr } = run(folder, 'my-db');
  expect(stderr).toMatch(/^NOT_EMPTY: [^\n]+\n$/);
  expect(status).toBe(1);
  expect(readdirSync(folder, { recursive: true })).toEqual(['my-db', join('my-db', 'precious.txt')]);
});

test('--version', () => {
  expect(run(temporaryFolder(), '--version')).toMatchObject({ status: 0, stdout: `${manifest.version}\n` });
});

test('--help', () => {
  const { status, stdout } = run(temporaryFolder(), '--help');
  expect(stdout).toContain('Usage: npm create sess-store NAME');
  expect(status).toBe(0);
});
