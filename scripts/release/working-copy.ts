import { execFileSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../bootstrap.mjs';

/**
 * Copies the repository as it stands, changes that are not committed included, without what git ignores. The copy is a
 * repository of its own with one commit, since changesets ask for the history, and has a remote to be pushed to.
 */
export function copyRepository(target: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of listed.toString().split('\0')) {
    // A file that was deleted without git is still listed.
    if (file !== '' && existsSync(join(root, file))) cpSync(join(root, file), join(target, file));
  }
  const git = (...args: string[]) => execFileSync('git', args, { cwd: target, stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'rehearsal');
  git('config', 'user.email', 'rehearsal@localhost');
  git('config', 'core.hooksPath', '/dev/null');
  git('config', 'commit.gpgsign', 'false');
  git('config', 'tag.gpgsign', 'false');
  git('add', '--all');
  git('commit', '--quiet', '--no-verify', '--message=The release');
  git('init', '--quiet', '--bare', `${target}.git`);
  git('remote', 'add', 'origin', `${target}.git`);
  git('push', '--quiet', '--set-upstream', 'origin', 'main');
}
