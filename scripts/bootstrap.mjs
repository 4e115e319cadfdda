// What every command does first: install what is missing, and find the Node that the scripts run on.
// Plain JavaScript for Node 20.19 with nothing installed, hence no import but Node's own.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pruneOutputs } from './prune-outputs.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.sess-installed');
const pnpm = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).packageManager;

/** Ends the process, with an explanation, on a Node that the packages do not promise to run on. */
export function requireSupportedNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`sess needs Node 20.19 or later; this is ${process.version}.`);
  process.exit(1);
}

/** Installs the locked dependencies, unless these very ones are installed. Silent when there is nothing to do. */
export async function ensureInstalled() {
  // By content, not by time: a checkout touches the lockfile without changing it.
  const wanted = createHash('sha256');
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) wanted.update(readFileSync(join(root, file)));
  const digest = wanted.digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;

  console.error('sess: installing dependencies (once, about half a minute) ...');
  const install = ['install', '--frozen-lockfile', '--prod=false'];
  const status = await quietly('npx', ['--yes', pnpm, ...install], { ...process.env, npm_config_loglevel: 'error' });
  if (status !== 0) process.exit(status);
  writeFileSync(stamp, digest);
}

/**
 * Builds the named packages, or all, and what they depend on. Silent when nothing has changed since the last build.
 * Resolves to the exit code, having shown the errors where it is not 0.
 */
export async function build(...packages) {
  const patience = setTimeout(() => console.error('sess: building ...'), 1500);
  const filters = packages.map((name) => `--filter=${name}`);
  const turbo = join(modules, 'turbo', 'bin', 'turbo');
  const options = ['--output-logs=errors-only', '--log-order=grouped', '--ui=stream', ...filters];
  const status = await quietly(process.execPath, [turbo, 'run', 'build', ...options], environment());
  clearTimeout(patience);
  for (const parent of ['.', 'packages', 'internal', 'examples']) {
    if (!existsSync(join(root, parent))) continue;
    for (const name of readdirSync(join(root, parent))) {
      const folder = join(root, parent, name);
      if (existsSync(join(folder, 'tsconfig.build.json'))) pruneOutputs(folder);
    }
  }
  return status;
}

/** The Node that scripts and tests run on: the one in the lockfile, where there is one for this platform. */
export function scriptNode() {
  const pinned = join(modules, `node-linux-${process.arch}`, 'bin', 'node');
  // Where the system's libraries do not fit (musl), the file is there and does not start.
  if (existsSync(pinned) && spawnSync(pinned, ['--version']).status === 0) return pinned;
  if (process.features.typescript) return process.execPath;
  console.error(
    `sess: no Node 24 is installed for ${process.platform} ${process.arch}; run this on Node 22.18 or later.`,
  );
  process.exit(1);
}

/** This process's environment, with the pinned Node and the workspace's tools first on PATH. */
export function environment() {
  const path = [dirname(scriptNode()), join(modules, '.bin'), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
}

const running = new Set();

/** Asks every command that `quietly` runs now to end. */
export function endCommands() {
  for (const child of running) child.kill('SIGTERM');
}

/** Runs a command without input, shows its output only when it fails, and resolves to its exit code. */
export async function quietly(command, args, env = process.env, cwd = root) {
  // Standard input belongs to what runs after this: a chat's piped lines must not end up here.
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
  running.delete(child);
  if (status !== 0) process.stderr.write(Buffer.concat(output));
  return status;
}
