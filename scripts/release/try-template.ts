import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownBlocks } from '../../internal/snippets/src/markdown-blocks.ts';
import type { CleanFolders } from '../clean-folders.ts';
import type { LocalRegistry } from './local-registry.ts';

const hooks = ['readSession', 'writeSession', 'listSessions', 'closeStore'];

/**
 * Makes the package of a new store, as its author would. Untouched it installs, and its tests say what is missing; with
 * the files of its README, a Map in place of a database, it passes them.
 */
export async function tryTemplate(
  folders: CleanFolders,
  registry: LocalRegistry,
  specifiers: ReadonlyMap<string, string>,
  nodes: Record<string, string>,
): Promise<void> {
  const { trials, npmrc = '', env } = folders;
  const parent = join(folders.parent, 'template');
  mkdirSync(parent);
  const create = ['npm', 'create', '--yes', `--registry=${registry.url}`, 'sess-store', '@me/store-red-db'];
  await folders.run(parent, create, { shown: 'npm create sess-store @me/store-red-db' });

  const folder = join(parent, 'store-red-db');
  const isThere = await trials.run('template', 'asks for the versions of this release', async () => {
    const { peerDependencies, devDependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const wanted = Object.entries({ ...peerDependencies, ...devDependencies }).filter(([name]) => specifiers.has(name));
    for (const [name, range] of wanted) {
      const specifier = specifiers.get(name);
      if (`${name}@${range}` !== specifier?.replace(/@(?=\d)/, '@^'))
        throw new Error(`${name}@${range} is not ${specifier}`);
    }
    return wanted.length === 2;
  });
  if (!isThere) return;

  writeFileSync(join(folder, '.npmrc'), npmrc);
  const install = ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  await folders.run(folder, install, { shown: 'npm install' });
  await trials.run('template', 'npm test tells what is missing', async () => {
    const output = await outputOfFailing('npm', ['test'], { cwd: folder, env: { ...env, NO_COLOR: '1' } });
    const told = hooks.every((hook) => output.includes(`${hook} is still to be written`));
    if (!told || !/1 failed \| \d+ skipped/.test(output)) throw new Error(output);
  });

  for (const { code } of markdownBlocks(readFileSync(join(folder, 'README.md'), 'utf8'))) {
    const [, file] = /^\/\/ (\S+\/\S+)\n/.exec(code) ?? [];
    if (file !== undefined) writeFileSync(join(folder, file), `${code}\n`);
  }
  await folders.run(folder, ['npm', 'test'], { shown: 'npm test, with a Map' });
  const node = nodes['20'];
  if (node === undefined) return;
  await folders.run(folder, [node, 'node_modules/vitest/vitest.mjs', 'run'], { shown: 'Vitest, with a Map, Node 20' });
}

/** What a command prints that has to fail. Rejects where it succeeds. */
function outputOfFailing(
  file: string,
  args: string[],
  options: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) reject(new Error(`It should fail, and has not:\n${stdout}`));
      else resolve(`${stdout}${stderr}`);
    });
  });
}
