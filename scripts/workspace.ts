import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

export interface Manifest {
  name: string;
  private?: boolean;
  exports?: Record<string, string | { types: string; default: string }>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

export interface WorkspacePackage {
  /** From the root, with `/`: `packages/core`. */
  folder: string;
  manifest: Manifest;
}

/** All packages of the workspace, private ones included, by folder. */
export function workspacePackages(): WorkspacePackage[] {
  const folders = ['conformance', 'benchmarks', 'docs'];
  for (const parent of ['packages', 'internal', 'examples']) {
    if (!existsSync(join(root, parent))) continue;
    folders.push(...readdirSync(join(root, parent)).map((name) => `${parent}/${name}`));
  }
  return folders
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .sort()
    .map((folder) => ({ folder, manifest: JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) }));
}

/** The packages that go to the registry. */
export function publishedPackages(): WorkspacePackage[] {
  return workspacePackages().filter(({ manifest }) => manifest.private !== true);
}

/** What has to be installed beside a package, as npm takes it: its peers but for core and the optional ones. */
export function driversOf({ peerDependencies = {}, peerDependenciesMeta = {} }: Manifest): string[] {
  return Object.entries(peerDependencies)
    .filter(([name]) => name !== '@sess/core' && peerDependenciesMeta[name]?.optional !== true)
    .map(([name, range]) => `${name}@${range}`);
}

/** What users import: `@sess/core/store`. Not the Vitest entry, which loads inside of a Vitest run only. */
export function entriesOf({ name, exports = {} }: Manifest): string[] {
  return Object.keys(exports)
    .filter((entry) => !entry.endsWith('.json') && entry !== './vitest')
    .map((entry) => name + entry.slice(1));
}

/** Whether users import the package; another one has a command only. */
export function isImported(manifest: Manifest): boolean {
  return entriesOf(manifest).length > 0;
}

/** The files below a folder of a package whose path matches, from the package's folder on, with `/`, in order. */
export function filesBelow(folder: string, subfolder: string, pattern: RegExp): string[] {
  const start = join(root, folder, subfolder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, encoding: 'utf8' })
    .map((file) => `${subfolder}/${file.replaceAll('\\', '/')}`)
    .filter((file) => pattern.test(file) && !file.includes('/node_modules/'))
    .sort();
}
