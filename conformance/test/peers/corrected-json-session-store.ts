import { createHash } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionData, SessionStore } from '@sess/core/store';

/** The same without the mistakes: an id is hashed, only a missing file is no session, and a file appears whole. */
export class CorrectedJsonSessionStore<S> implements SessionStore<S> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(sessionId: string): Promise<SessionData<S> | undefined> {
    try {
      return JSON.parse(await readFile(this.#pathOf(sessionId), 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async save(sessionId: string, data: Omit<SessionData<S>, 'id'>): Promise<void> {
    const path = this.#pathOf(sessionId);
    await writeFile(`${path}.new`, JSON.stringify(data));
    await rename(`${path}.new`, path);
  }

  #pathOf(sessionId: string): string {
    return join(this.#folder, `${createHash('sha256').update(sessionId).digest('hex')}.json`);
  }
}
