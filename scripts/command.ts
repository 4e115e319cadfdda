import { spawn } from 'node:child_process';
import { root } from './bootstrap.mjs';

/** Runs a command in the root folder with this process's output and no input. Resolves to its exit code. */
export function command(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(file, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
