import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Document } from './code-block.ts';
import { docstringBlocks } from './docstring-blocks.ts';
import { markdownBlocks } from './markdown-blocks.ts';

/** Every document of the repository that has code in it. */
export function findDocuments(root: string): Document[] {
  const packages = foldersIn(root, 'packages');
  const pages = [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    ...['conformance', 'benchmarks', ...packages, ...foldersIn(root, 'examples')].map(
      (folder) => `${folder}/README.md`,
    ),
    ...filesBelow(root, 'docs', '.md'),
  ];
  const sources = ['conformance', ...packages].flatMap((folder) => filesBelow(root, `${folder}/src`, '.ts'));
  return [...read(root, pages, markdownBlocks), ...read(root, sources, docstringBlocks)].filter(
    ({ blocks }) => blocks.length > 0,
  );
}

function read(root: string, paths: string[], extract: (text: string) => Document['blocks']): Document[] {
  return paths
    .filter((path) => existsSync(join(root, path)))
    .map((path) => ({ path, blocks: extract(readFileSync(join(root, path), 'utf8')) }));
}

function foldersIn(root: string, parent: string): string[] {
  const entries = readdirSync(join(root, parent), { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${parent}/${name}`);
}

function filesBelow(root: string, folder: string, extension: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith(extension) && !/\/(?:node_modules|dist)\//.test(path))
    .sort();
}
