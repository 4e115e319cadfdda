import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';
import { checkDebianRoot } from '../debian.ts';
import { runProgram } from '../run-program.ts';

const PROVISIONING_MS = 900_000;

/**
 * The folder of a small Debian with PostgreSQL and DocumentDB in it. Made where it is not there yet: about 45 s and
 * 0.9 GB. Rejects with the reason where it cannot be.
 *
 * It is made in a process of its own, under a lock that ends with that process: of two test runs at once, the second
 * waits for the first.
 */
export async function provisionDocumentdb(): Promise<string> {
  const cache = cacheFolder('documentdb');
  const folder = join(cache, 'debian');
  if (existsSync(folder)) return folder;
  checkDebianRoot();
  console.log('Installing DocumentDB from Debian, once on this machine; this takes about a minute ...');
  const build = join(import.meta.dirname, 'build-debian.ts');
  // In a mount namespace of its own: what is mounted there is gone with the process, however it ends.
  const command = [join(cache, 'lock'), 'unshare', '--mount', process.execPath, build, folder];
  await runProgram('flock', command, { timeoutMs: PROVISIONING_MS }).catch(
    (error: { stderr?: string; message: string }) => {
      const said = (error.stderr ?? '').trim().split('\n').slice(-3).join(' ');
      throw new Error(`DocumentDB could not be installed (${said || error.message})`);
    },
  );
  return folder;
}
