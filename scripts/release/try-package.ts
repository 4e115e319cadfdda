import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownBlocks } from '../../internal/snippets/src/markdown-blocks.ts';
import { root } from '../bootstrap.mjs';
import type { CleanFolders } from '../clean-folders.ts';
import { driversOf, entriesOf, type WorkspacePackage } from '../workspace.ts';

/** A clean folder with core, one package and its peers in it, and what is to be run there. */
export interface PackageTrial {
  folder: string;
  manager: 'npm' | 'pnpm';
  programs: string[];
}

/** Installs core, one package and its peers, and writes the programs that use them. */
export async function installPackage(
  folders: CleanFolders,
  manager: 'npm' | 'pnpm',
  { folder: source, manifest }: WorkspacePackage,
  specifiers: ReadonlyMap<string, string>,
): Promise<PackageTrial> {
  const packages = new Set([specifiers.get('@sess/core') ?? '', specifiers.get(manifest.name) ?? '']);
  const types = JSON.parse(readFileSync(join(root, 'node_modules/@types/node/package.json'), 'utf8'));
  const name = `${manifest.name.replace('@sess/', '')}-${manager}`;
  const all = [...packages, ...driversOf(manifest), `@types/node@${types.version}`];
  const folder = await folders.install(name, all, { manager });

  const entries = entriesOf(manifest);
  // The compilers run in the folder above, from which the types of Node are not to be seen.
  const reference = '/// <reference types="node" />';
  const lines = entries.flatMap((entry, index) => [
    `import * as entry${index} from '${entry}';`,
    `if (Object.keys(entry${index}).length === 0) throw new Error('${entry} exports nothing');`,
  ]);
  writeFileSync(join(folder, 'entries.ts'), `${[reference, ...lines].join('\n')}\n`);
  const programs = ['entries.js'];

  // The first program of the README that needs nothing else: the first thing that a user of the package tries.
  const readme = readFileSync(join(root, source, 'README.md'), 'utf8');
  const installed = ['node:', '@sess/core', manifest.name, ...Object.keys(manifest.peerDependencies ?? {})];
  const first = markdownBlocks(readme).find(({ treatment, info, code }) => {
    const imports = [...code.matchAll(/from '([^']+)'/g)].map(([, name = '']) => name);
    const isComplete = imports.every((name) => installed.some((one) => name.startsWith(one)));
    return info.startsWith('ts') && (treatment === 'run' || treatment === 'check') && isComplete;
  });
  if (first !== undefined) writeFileSync(join(folder, 'program.ts'), `${reference}\n${first.code}\n`);
  if (first?.treatment === 'run') programs.push('program.js');
  return { folder, manager, programs };
}
