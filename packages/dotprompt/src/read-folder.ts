import { readdir, readFile } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import { SessError } from '@sess/core';
import { fileError, messageOf } from './file-error.ts';

/** A file as it is in the folder. */
export interface FolderFile {
  /** For errors. */
  readonly path: string;
  /** From the folder on, with `/`, without `_` and `.prompt`: `team/lawyer`. */
  readonly name: string;
  readonly isPartial: boolean;
  readonly text: string;
}

const ENDING = '.prompt';

/** The `.prompt` files of a folder and the folders in it, by name; not the hidden ones. Throws INVALID_ARGUMENT. */
export async function readFolder(folder: string): Promise<FolderFile[]> {
  const found = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new SessError('INVALID_ARGUMENT', `The folder ${folder} cannot be read: ${messageOf(cause)}`, { cause });
  });
  const names = found
    .map((file) => file.replaceAll(sep, '/'))
    .filter((file) => file.endsWith(ENDING) && !file.split('/').some((step) => step.startsWith('.')))
    .map((file) => file.slice(0, -ENDING.length));
  return Promise.all(names.sort().map((name) => readPromptFile(join(folder, name + ENDING), name)));
}

async function readPromptFile(path: string, name: string): Promise<FolderFile> {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    const isPartial = basename(name).startsWith('_');
    return { path, name: isPartial ? name.replace(/_(?=[^/]*$)/, '') : name, isPartial, text };
  } catch (cause) {
    throw fileError(path, 1, `The file cannot be read: ${messageOf(cause)}`, cause);
  }
}
