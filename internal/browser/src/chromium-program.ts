import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { checkDebianRoot, installOnDebian } from '@sess/test-servers/debian';
import { NoServer } from '@sess/test-servers/no-server';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/**
 * The Chromium of this machine: the one that CHROMIUM_PATH names, one on PATH, or, for root on Debian, one that apt
 * installs. Rejects with NoServer.
 */
export async function chromiumProgram(): Promise<string> {
  const named = process.env.CHROMIUM_PATH;
  if (named && !existsSync(named))
    throw new NoServer('browser', [`CHROMIUM_PATH names ${named}, which does not exist`]);
  const found = named || findOnPath();
  if (found !== undefined) return found;
  try {
    checkDebianRoot();
    console.log('Installing Chromium with apt-get, once on this machine ...');
    await installOnDebian('chromium');
    return '/usr/bin/chromium';
  } catch (error) {
    throw new NoServer('browser', [`none of ${NAMES.join(', ')} is on PATH`, (error as Error).message]);
  }
}

function findOnPath(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(existsSync);
}
