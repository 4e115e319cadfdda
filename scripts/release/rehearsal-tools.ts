import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietly, root, scriptNode } from '../bootstrap.mjs';

export interface RehearsalTools {
  /** The program of the local registry. */
  verdaccio: string;
  /** The programs of the compilers, by version. */
  compilers: Record<string, string>;
  /** The executables of Node, by version, the machine's own last; no others where there are none for it. */
  nodes: Record<string, string>;
}

/** Installs what only the rehearsal needs into a folder of its own, by the versions in the catalog. */
export async function installTools(folder: string): Promise<RehearsalTools | undefined> {
  mkdirSync(folder);
  copyFileSync(join(root, 'pnpm-workspace.yaml'), join(folder, 'pnpm-workspace.yaml'));
  const platform = `${process.platform}-${process.arch}`;
  const hasNodes = ['linux-x64', 'linux-arm64'].includes(platform);
  const pinned = ['verdaccio', 'typescript-5.9', 'typescript-6.0'];
  if (hasNodes) pinned.push(`node-20-${platform}`, `node-22-${platform}`);
  const dependencies = {
    ...Object.fromEntries(pinned.map((name) => [name, 'catalog:rehearsal'])),
    typescript: 'catalog:',
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'rehearsal', private: true, dependencies }));
  if ((await quietly('pnpm', ['install', '--prefer-offline'], process.env, folder)) !== 0) return undefined;

  const installed = (...path: string[]) => join(folder, 'node_modules', ...path);
  const nodes: Record<string, string> = {};
  if (hasNodes) {
    nodes['20'] = installed(`node-20-${platform}`, 'bin', 'node');
    nodes['22'] = installed(`node-22-${platform}`, 'bin', 'node');
  }
  nodes['24'] = scriptNode();
  const own = process.env.SESS_MACHINE_NODE;
  if (own !== undefined) nodes["the machine's own"] = own;
  return {
    verdaccio: installed('verdaccio', 'bin', 'verdaccio'),
    compilers: {
      '5.9': installed('typescript-5.9', 'bin', 'tsc'),
      '6.0': installed('typescript-6.0', 'bin', 'tsc'),
      '7.0': installed('typescript', 'bin', 'tsc'),
    },
    nodes,
  };
}
