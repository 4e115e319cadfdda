import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { type CodeBlock, type Document, fileNameOf } from './code-block.ts';

const packageFolder = dirname(import.meta.dirname);

/** A fresh folder as a user would have it: the packages installed, and a folder with its files for each document. */
export interface Workshop {
  readonly folder: string;
  folderOf(document: Document): string;
  fileOf(document: Document, block: CodeBlock): string;
  remove(): void;
}

export function openWorkshop(documents: readonly Document[]): Workshop {
  documents.forEach(refuseSameNames);
  const folder = mkdtempSync(join(tmpdir(), 'sess-snippets-'));
  const folderOf = (document: Document) => join(folder, document.path.replaceAll('/', '-'));
  const fileOf = (document: Document, block: CodeBlock) => join(folderOf(document), fileNameOf(block));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  installPackages(join(folder, 'node_modules'));
  for (const document of documents) {
    mkdirSync(folderOf(document));
    for (const block of document.blocks.filter(isFile)) {
      writeFileSync(fileOf(document, block), `${block.code}\n`);
    }
    provideTarget(folderOf(document));
  }
  return { folder, folderOf, fileOf, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

function isFile({ treatment }: CodeBlock): boolean {
  return treatment === 'run' || treatment === 'check' || treatment === 'signature';
}

function refuseSameNames({ path, blocks }: Document): void {
  const names = blocks.filter(isFile).map(fileNameOf);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new Error(`${path} has two blocks with the name ${repeated}.`);
}

/** A target of the conformance kit, which an example may use without showing it. */
function provideTarget(folder: string): void {
  const file = join(folder, 'my-store.target.js');
  if (!existsSync(file)) copyFileSync(join(import.meta.dirname, 'my-store.target.js'), file);
}

/** Links what this package depends on. The commands are linked from the manifests: pnpm links none before a build. */
function installPackages(modules: string): void {
  const installed = join(packageFolder, 'node_modules');
  const commands = join(modules, '.bin');
  mkdirSync(commands, { recursive: true });
  for (const name of readdirSync(installed).filter((entry) => !entry.startsWith('.'))) {
    symlinkSync(join(installed, name), join(modules, name));
  }
  const { devDependencies } = readManifest(packageFolder);
  for (const name of Object.keys(devDependencies)) {
    const { bin = {} } = readManifest(join(modules, name));
    for (const [command, file] of Object.entries(typeof bin === 'string' ? { [basename(name)]: bin } : bin)) {
      symlinkSync(resolve(modules, name, file), join(commands, command));
    }
  }
}

function readManifest(folder: string): {
  bin?: string | Record<string, string>;
  devDependencies: Record<string, string>;
} {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
