import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { runProgram } from './run-program.ts';

export interface RedisProgram {
  readonly file: string;
  readonly version: string;
}

/** The Redis server of this machine, installed where that is possible. Rejects with the reason where it is not. */
export async function redisProgram(): Promise<RedisProgram> {
  const found = (await programAt('redis-server')) ?? (await programAt(cachedFile()));
  if (found !== undefined) return found;
  await installOnDebian();
  const installed = await programAt(cachedFile());
  if (installed === undefined) throw new Error('the Redis that apt-get installed does not run');
  return installed;
}

async function programAt(file: string): Promise<RedisProgram | undefined> {
  try {
    const version = /v=(\S+)/.exec(await runProgram(file, ['--version']))?.[1];
    return version === undefined ? undefined : { file, version };
  } catch {
    return undefined;
  }
}

function cachedFile(): string {
  return join(cacheFolder('redis'), 'redis-server');
}

/**
 * Debian's redis-tools holds the server too, under another name: the program looks at its name to know what to be.
 * The package redis-server would only add a service that starts at once.
 */
async function installOnDebian(): Promise<void> {
  const isDebian =
    existsSync('/etc/os-release') && /^ID(_LIKE)?=.*debian/m.test(readFileSync('/etc/os-release', 'utf8'));
  if (!isDebian) throw new Error('no redis-server on PATH, and no Debian to install it on');
  if (process.getuid?.() !== 0) throw new Error('no redis-server on PATH, and only root may install it');
  console.log('Installing Redis with apt-get, once on this machine ...');
  const apt = (...args: string[]) =>
    runProgram('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
  const install = () => apt('install', '-y', '--no-install-recommends', 'redis-tools');
  await install().catch(async () => {
    await apt('update');
    await install();
  });
  symlinkSync('/usr/bin/redis-check-rdb', cachedFile());
}
