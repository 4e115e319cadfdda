import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder outside of the repository for what servers are made of, kept from one run to the next. */
export function cacheFolder(name: string): string {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'sess-test-servers', name);
  mkdirSync(folder, { recursive: true });
  return folder;
}
