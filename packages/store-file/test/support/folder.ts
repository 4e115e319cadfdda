import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A folder for one test, removed after it. */
export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sess-store-file-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The paths of all journals of a store's folder, or of one session's. */
export function journalPaths(folder: string, name?: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.jsonl') && (name === undefined || path.startsWith(`${name}/`)))
    .map((path) => join(folder, path))
    .sort();
}

/** The path of the only journal. */
export function journalPath(folder: string, name?: string): string {
  const [path, ...more] = journalPaths(folder, name);
  if (path === undefined || more.length > 0) throw new Error(`There is not one journal, but ${1 + more.length}.`);
  return path;
}

/** What each line of a journal says, without the checksums; those that are no JSON are left out. */
export function linesOf(path: string): Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => /^\{.*\}#[0-9a-f]{8}$/.test(line))
    .map((line) => JSON.parse(line.slice(0, -9)));
}
