import type { MemoryStorage } from '@mastra/core/storage';
import type { OpenContender } from '../../src/contender.ts';
import { fromMastra, toMastra } from './mastra-messages.ts';

/** What Mastra's Memory recalls for a turn, unless it is told otherwise. */
const LAST_MESSAGES = 10;

export const mastraHow =
  'getThreadById, listMessages of the last 10 (the default of its Memory), saveMessages: its memory domain, without an agent.';

export const mastraNotes: readonly string[] = [
  'A tool call, its result and the answer are one message.',
  'Messages are ordered by the clocks of the processes, to the millisecond.',
];

/** Threads in Mastra's storage. The namespace is the resource (its word for the user) whom they all belong to. */
export function openThreads(memory: MemoryStorage, namespace: string, close: () => Promise<void>): OpenContender {
  const threadOf = (sessionId: string) => `${namespace}-${sessionId}`;
  const newest = async (sessionId: string, perPage: number) => {
    const orderBy = { field: 'createdAt', direction: 'DESC' } as const;
    const { messages } = await memory.listMessages({ threadId: threadOf(sessionId), perPage, orderBy });
    return messages.reverse();
  };

  return {
    async turn(sessionId, messages) {
      const threadId = threadOf(sessionId);
      const now = new Date();
      const thread = await memory.getThreadById({ threadId });
      if (thread === null) {
        const created = { id: threadId, resourceId: namespace, title: '', createdAt: now, updatedAt: now };
        await memory.saveThread({ thread: created });
      }
      const recent = thread === null ? [] : await newest(sessionId, LAST_MESSAGES);
      const after = recent.at(-1)?.createdAt.getTime() ?? 0;
      await memory.saveMessages({ messages: toMastra(messages, { threadId, resourceId: namespace, after }) });
    },
    async tail(sessionId, count) {
      return (await newest(sessionId, count)).flatMap(fromMastra).slice(-count);
    },
    async history(sessionId) {
      const { messages } = await memory.listMessages({ threadId: threadOf(sessionId), perPage: false });
      return messages.flatMap(fromMastra);
    },
    async *list() {
      const { threads } = await memory.listThreads({ filter: { resourceId: namespace }, perPage: false });
      for (const { id } of threads) yield id.slice(namespace.length + 1);
    },
    delete: (sessionId) => memory.deleteThread({ threadId: threadOf(sessionId) }),
    close,
  };
}
