import { existsSync, readFileSync } from 'node:fs';
import { runProgram } from './run-program.ts';

/** Throws with the reason where nothing can be installed: that takes a Debian, and root. */
export function checkDebianRoot(): void {
  if (!isDebian()) throw new Error('this machine is no Debian');
  if (process.getuid?.() !== 0) throw new Error('only root may install it');
}

/** Installs packages of the machine's own Debian. */
export async function installOnDebian(...packages: string[]): Promise<void> {
  const apt = (...args: string[]) =>
    runProgram('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
  const install = () => apt('install', '-y', '--no-install-recommends', ...packages);
  await install().catch(async () => {
    await apt('update');
    await install();
  });
}

/** Where this machine has its own Debian packages from. */
export async function debianMirror(): Promise<string> {
  const listed = () =>
    runProgram('apt-get', ['indextargets', '--format', '$(SITE)', 'Origin: Debian', `Codename: ${codename()}`]);
  let sites = await listed();
  if (sites === '') {
    await runProgram('apt-get', ['-qq', 'update']);
    sites = await listed();
  }
  const [mirror] = sites.split('\n');
  if (!mirror) throw new Error("apt's sources name no mirror of Debian");
  return mirror;
}

function isDebian(): boolean {
  return existsSync('/etc/os-release') && /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));
}

function codename(): string {
  return /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}
