import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender } from '../contender.ts';
import { keepWhole } from './whole-session.ts';

export const tutorialFile: Contender = {
  name: 'JSON file',
  kind: 'tutorial',
  backend: 'file',
  packages: [],
  how: 'Reads the JSON file of the session and writes it anew with each turn; synced where the run asks for it.',
  notes: ['A kill while the file is written leaves a part of it; two writers overwrite one another.'],
  async open({ url, namespace, fsync }) {
    const folder = join(url, namespace);
    await mkdir(folder, { recursive: true });
    const pathOf = (sessionId: string) => join(folder, `${sessionId}.json`);
    return keepWhole({
      async read(sessionId) {
        try {
          return JSON.parse(await readFile(pathOf(sessionId), 'utf8'));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
          throw error;
        }
      },
      async write(sessionId, messages) {
        await using file = await open(pathOf(sessionId), 'w');
        await file.writeFile(JSON.stringify(messages));
        if (fsync) await file.datasync();
      },
      async *list() {
        for (const name of await readdir(folder)) yield name.replace(/\.json$/, '');
      },
      delete: (sessionId) => rm(pathOf(sessionId)),
      close: async () => {},
    });
  },
};
