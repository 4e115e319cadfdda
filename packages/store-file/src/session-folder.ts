import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, isRefusal } from './file-error.ts';
import { generationOf, TEMPORARY } from './file-name.ts';
import { JournalFile, syncFolder } from './journal-file.ts';

/** How often a folder in which nothing was found is looked at again, before what is in it counts as foreign. */
const LOOKS = 3;
const EXISTS = ['EEXIST', 'ENOTEMPTY', ...(process.platform === 'win32' ? ['EPERM'] : [])];

/**
 * The folder of one session. It holds the newest generation of its journal, and for moments older ones.
 *
 * What makes it safe without locks: it is there, with a journal in it, exactly as long as there is something to keep.
 * It appears by renaming a complete folder, which fails where one with a file in it is there already; it goes by
 * `rmdir`, which fails likewise. Journals have names that never come again, so that removing one twice, however late,
 * removes nothing else.
 */
export class SessionFolder {
  readonly path: string;
  readonly #root: string;

  constructor(root: string, name: string) {
    this.#root = root;
    this.path = join(root, name);
  }

  /** The name of the newest generation; undefined where there is no session. Removes older ones. */
  async newest(): Promise<string | undefined> {
    for (let look = 0; look < LOOKS; look++) {
      const names = await unless(['ENOENT'], readdir(this.path));
      if (names === undefined) return undefined;
      const journals = names.filter((name) => generationOf(name) !== undefined).sort(newestFirst);
      const [newest, ...older] = journals;
      if (newest !== undefined) {
        if (older.length > 0) await this.#removeOlder(older);
        return newest;
      }
      // Reading a folder is no snapshot: it may have missed both of two. Only rmdir knows that it is empty.
      if (await this.#removeIfEmpty()) return undefined;
    }
    return undefined;
  }

  /** Makes the folder with a first journal in it. Undefined where it is there already. */
  async create(name: string, bytes: Buffer, sync: boolean): Promise<JournalFile | undefined> {
    const temporary = join(this.#root, TEMPORARY + randomUUID());
    await this.#makeTemporary(temporary, sync);
    let file: JournalFile | undefined;
    try {
      file = await JournalFile.create(join(temporary, name), join(this.path, name));
      await file.append(bytes);
      if (sync) {
        await file.sync();
        await syncFolder(temporary);
      }
      await rename(temporary, this.path);
      return file;
    } catch (error) {
      await file?.close();
      await rm(temporary, { recursive: true, force: true }).catch(() => {}); // what stays is swept
      if (EXISTS.includes(codeOf(error) ?? '')) return undefined;
      throw error;
    }
  }

  /** Makes the name of a new session's folder survive a power cut. */
  async syncName(): Promise<void> {
    await syncFolder(this.#root);
  }

  /** Begins a successor, which nobody sees before it is published. */
  async createSuccessor(name: string): Promise<JournalFile> {
    return JournalFile.create(this.#successor(name), join(this.path, name));
  }

  async dropSuccessor(name: string): Promise<void> {
    await unless(['ENOENT'], unlink(this.#successor(name)));
  }

  /** Moves a successor to its place. Any process may, once it is elected. Resolves false if it is lost. */
  async publish(name: string, predecessor: string): Promise<boolean> {
    await unless(['ENOENT'], rename(this.#successor(name), join(this.path, name)));
    if (await exists(join(this.path, name))) return true;
    // It may have been there and been replaced meanwhile; but not before its predecessor was removed.
    return !(await exists(join(this.path, predecessor)));
  }

  /** Removes a journal that has ended for good, and the folder with it. */
  async remove(name: string): Promise<void> {
    await unless(['ENOENT'], unlink(join(this.path, name)));
    await this.#removeIfEmpty();
  }

  #successor(name: string): string {
    return join(this.#root, TEMPORARY + name);
  }

  /** A newer generation is written to only after this, which `publish` relies on. */
  async #removeOlder(names: readonly string[]): Promise<void> {
    try {
      await syncFolder(this.path);
      for (const name of names) await unless(['ENOENT'], unlink(join(this.path, name)));
    } catch (error) {
      if (!isRefusal(error)) throw error; // then this user writes nothing either
    }
  }

  async #removeIfEmpty(): Promise<boolean> {
    try {
      await rmdir(this.path);
      return true;
    } catch (error) {
      if (EXISTS.includes(codeOf(error) ?? '')) return false;
      if (codeOf(error) === 'ENOENT' || isRefusal(error)) return true;
      throw error;
    }
  }

  /** The name of each folder on the way to the sessions, from the first one that was made. */
  async #syncNamesSince(made: string): Promise<void> {
    for (let path = this.#root; path !== dirname(made); path = dirname(path)) await syncFolder(dirname(path));
  }

  async #makeTemporary(path: string, sync: boolean): Promise<void> {
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      const made = await mkdir(this.#root, { recursive: true, mode: 0o700 });
      if (sync && made !== undefined) await this.#syncNamesSince(made);
      await mkdir(path, { mode: 0o700 });
    }
  }
}

function newestFirst(a: string, b: string): number {
  return (generationOf(b) ?? 0) - (generationOf(a) ?? 0);
}

/** What is awaited, or undefined where it fails with one of these codes. */
async function unless<T>(codes: readonly string[], operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (codes.includes(codeOf(error) ?? '')) return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return (
    (await unless(
      ['ENOENT'],
      access(path).then(() => true),
    )) ?? false
  );
}
