import { join } from 'node:path';
import type { Contender } from '../../src/contender.ts';
import { langchainHow, openHistories } from './langchain-histories.ts';

const MODULE = '@langchain/community/stores/message/file_system';
let opened = 0;

export const langchainFile: Contender = {
  name: '@langchain/community',
  kind: 'peer',
  backend: 'file',
  packages: ['@langchain/community', '@langchain/core'],
  how: `${langchainHow} One process keeps on using what it has once read, as its module does.`,
  notes: [
    'All sessions are one file, and each message writes it anew: fan and list grow with the square of their sessions.',
    'It reads that file once a process: its figures show no cold load, and what other processes write is never seen, and overwritten.',
    'The file is written in place and never synced: a process that is killed tears all sessions.',
    'Turns of several sessions at once lose messages even in one process: the older contents may be written last.',
  ],
  async open({ url, namespace }) {
    // The module keeps one store, whatever the path is. With a query Node loads it anew, so that places stay apart.
    opened += 1;
    const { FileSystemChatMessageHistory }: typeof import('@langchain/community/stores/message/file_system') =
      await import(`${import.meta.resolve(MODULE)}?opened=${opened}`);
    const filePath = join(url, `${namespace}.json`);
    const historyOf = (sessionId: string) => new FileSystemChatMessageHistory({ sessionId, filePath });
    const histories = await openHistories(historyOf, async () => {});
    return {
      ...histories,
      async *list() {
        for (const { id } of await historyOf('').getAllSessions()) yield id;
      },
    };
  },
};
