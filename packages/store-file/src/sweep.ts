import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './file-error.ts';
import { TEMPORARY } from './file-name.ts';

/** After this time (ms, by the file system's clock) what is still being made belongs to a process that has died. */
const ABANDONED_MS = 3_600_000;

/** The names of all session folders; none where the store's folder does not exist yet. */
export async function sessionNames(root: string): Promise<string[]> {
  const entries = await entriesOf(root);
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
}

/**
 * Removes what dead processes were making. Were one of them alive, it would lose its work, and no more: what it makes
 * has a name of its own, and counts only once it was moved to its place.
 */
export async function removeAbandoned(root: string): Promise<void> {
  for (const { name } of await entriesOf(root)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const path = join(root, name);
    const modified = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Number.POSITIVE_INFINITY,
    );
    if (modified + ABANDONED_MS < Date.now()) await rm(path, { recursive: true, force: true });
  }
}

/** Calls `operation` for each item, for a few at the same time. */
export async function forEachLimited<T>(
  items: readonly T[],
  limit: number,
  operation: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const work = async () => {
    for (const item of rest) await operation(item);
  };
  await Promise.all(Array.from({ length: limit }, work));
}

async function entriesOf(root: string) {
  try {
    return await readdir(root, { withFileTypes: true });
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
