import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateError } from './create-error.ts';
import type { StoreName } from './store-name.ts';

const template = fileURLToPath(new URL('../template', import.meta.url));

/**
 * Makes the package in a folder of its own below `parent`, whole or not at all. Returns the paths of its files, from
 * the folder on. Throws NOT_EMPTY where the folder has something in it.
 *
 * @param ranges The versions of core and the kit, by name.
 */
export function createStore(name: StoreName, parent: string, ranges: Readonly<Record<string, string>>): string[] {
  const folder = join(parent, name.folder);
  const isThere = refuseContent(folder);
  const unfinished = join(parent, `.${name.folder}-${randomUUID()}`);
  try {
    const files = filesOf(template).map((source) => {
      const file = renamed(source, name).replace(/^_/, ''); // hides files that npm would take for our own
      const text = renamed(readFileSync(join(template, source), 'utf8'), name);
      mkdirSync(dirname(join(unfinished, file)), { recursive: true });
      writeFileSync(join(unfinished, file), file === 'package.json' ? withRanges(text, ranges) : text);
      return file;
    });
    if (isThere) rmdirSync(folder);
    renameSync(unfinished, folder);
    return files.sort();
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** Whether the folder is there. Throws where it is not an empty one. */
function refuseContent(folder: string): boolean {
  try {
    if (readdirSync(folder).length === 0) return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    if (code !== 'ENOTDIR') throw error;
    throw new CreateError('NOT_EMPTY', `${folder} is a file. Nothing was changed.`);
  }
  throw new CreateError('NOT_EMPTY', `${folder} is not empty. Nothing was changed.`);
}

/** The paths of all files, from the folder on, with `/`. */
function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll('\\', '/'));
}

/** The template is a whole package named store-my-db; another one differs in its names only. */
function renamed(text: string, { packageName, kebab, pascal }: StoreName): string {
  return text.replaceAll(/store-my-db|my-db|MyDb/g, (word) => {
    if (word === 'store-my-db') return packageName;
    return word === 'my-db' ? kebab : pascal;
  });
}

function withRanges(text: string, ranges: Readonly<Record<string, string>>): string {
  return text.replaceAll(/"(@sess\/[\w-]+)": "\*"/g, (_, name: string) => `"${name}": "${ranges[name]}"`);
}
