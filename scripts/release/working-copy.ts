import { execFileSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../bootstrap.mjs';

/**
 * Copies the repository as it stands, changes that are not committed included, without what git ignores. The copy is a
 * repository of its own with one commit: changesets ask for the history, and publishing leaves tags.
 */
export function copyRepository(target: string): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of listed.toString().split('\0')) {
    // A file that was deleted without git is still listed.
    if (file !== '' && existsSync(join(root, file))) cpSync(join(root, file), join(target, file));
  }
  const identity = ['-c', 'user.name=rehearsal', '-c', 'user.email=rehearsal@localhost', '-c', 'commit.gpgsign=false'];
  const git = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: target, stdio: 'pipe' });
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--no-verify', '--message=The release');
}
