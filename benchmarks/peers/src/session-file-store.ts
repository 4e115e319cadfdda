import { join } from 'node:path';
import type { Store } from 'express-session';
import type { Contender } from '../../src/contender.ts';
import { expressSessionHow, expressSessionNotes, openExpressSessions } from './express-session.ts';

export const sessionFileStore: Contender = {
  name: 'session-file-store',
  kind: 'peer',
  backend: 'file',
  packages: ['session-file-store', 'express-session'],
  how: `${expressSessionHow} Without its retries, which would make a new session wait for a third of a second.`,
  notes: [
    ...expressSessionNotes,
    'Each write is synced to the disk, whether it is asked for or not; the folder never is.',
    'A file that cannot be parsed is removed at the next read.',
    'Sessions expire after an hour, unless they are told otherwise.',
  ],
  async open({ url, namespace }) {
    const { default: session } = await import('express-session');
    const { default: fileStore } = await import('session-file-store');
    const FileStore = fileStore(session);
    const options = { path: join(url, namespace), retries: 0, reapInterval: -1, logFn: () => {} };
    const store = new FileStore(options) as Store & { list(done: (error: unknown, files: string[]) => void): void };
    return {
      ...openExpressSessions(store, async () => {}),
      async *list() {
        const files = await new Promise<string[]>((resolve, reject) => {
          store.list((error, names) => (error ? reject(error) : resolve(names)));
        });
        for (const file of files) yield file.slice(0, -'.json'.length);
      },
    };
  },
};
