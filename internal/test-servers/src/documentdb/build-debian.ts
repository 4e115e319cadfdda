// Makes a small Debian with DocumentDB in the folder that is the first argument. provision.ts runs it under a lock.
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { debianMirror, installOnDebian } from '../debian.ts';
import { runProgram } from '../run-program.ts';

/** The suite of Debian that has the package. */
const SUITE = 'forky';
const PACKAGE = 'postgresql-18-documentdb';

const [folder = ''] = process.argv.slice(2);
if (!existsSync(folder)) await build();

/** In a folder beside, moved into its place when complete: an interrupted build is never taken for a whole one. */
async function build(): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  await runProgram('debootstrap', ['--version']).catch(() => installOnDebian('debootstrap'));
  // The last word names the script that debootstrap goes by; an older one has none for this suite.
  await runProgram('debootstrap', ['--variant=minbase', SUITE, unfinished, await debianMirror(), 'sid']);
  forbidServices(unfinished);
  mkdirSync(join(unfinished, 'srv'), { recursive: true });
  await runProgram('mount', ['-t', 'proc', 'proc', join(unfinished, 'proc')]);
  const inside = (...command: string[]) =>
    runProgram('chroot', [unfinished, ...command], { env: { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' } });
  await inside('apt-get', '-qq', 'install', '-y', '--no-install-recommends', PACKAGE);
  await inside('apt-get', 'clean');
  await runProgram('umount', [join(unfinished, 'proc')]);
  renameSync(unfinished, folder);
}

/** Packages that are installed must not start servers. */
function forbidServices(root: string): void {
  const policy = join(root, 'usr/sbin/policy-rc.d');
  writeFileSync(policy, '#!/bin/sh\nexit 101\n');
  chmodSync(policy, 0o755);
}
