import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionData, SessionStore } from '@sess/core/store';

/** A store as Genkit's users wrote it, after the example of its documentation: with that example's two mistakes. */
export class JsonSessionStore<S> implements SessionStore<S> {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async get(sessionId: string): Promise<SessionData<S> | undefined> {
    try {
      return JSON.parse(await readFile(join(this.#folder, `${sessionId}.json`), 'utf8'));
    } catch {
      return undefined;
    }
  }

  async save(sessionId: string, data: Omit<SessionData<S>, 'id'>): Promise<void> {
    await writeFile(join(this.#folder, `${sessionId}.json`), JSON.stringify(data));
  }
}
