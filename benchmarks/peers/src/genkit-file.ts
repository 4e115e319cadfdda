import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SessionStore } from 'genkit/beta';
import type { Contender } from '../../src/contender.ts';
import { genkitHow, genkitNotes, openGenkitSessions } from './genkit-sessions.ts';

export const genkitFile: Contender = {
  name: 'genkit',
  kind: 'peer',
  backend: 'file',
  packages: ['genkit'],
  how: `${genkitHow} The store is the JSON file of its documentation, which is flushed where files are synced.`,
  notes: [...genkitNotes, 'The file is written in place: a process that is killed leaves it torn.'],
  open({ url, namespace, fsync }) {
    const fileOf = (sessionId: string) => join(url, `${namespace}-${sessionId}.json`);
    const store: SessionStore = {
      async get(sessionId) {
        const text = await readFile(fileOf(sessionId), 'utf8').catch((error: NodeJS.ErrnoException) => {
          if (error.code !== 'ENOENT') throw error;
        });
        return text === undefined ? undefined : JSON.parse(text);
      },
      save: (sessionId, data) => writeFile(fileOf(sessionId), JSON.stringify(data), { flush: fsync }),
    };
    return openGenkitSessions(store, async () => {});
  },
};
