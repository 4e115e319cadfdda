import type { Contender } from '../../src/contender.ts';
import { mastraHow, mastraNotes, openThreads } from './mastra-threads.ts';

export const mastraRedis: Contender = {
  name: '@mastra/redis',
  kind: 'peer',
  backend: 'redis',
  packages: ['@mastra/redis', '@mastra/core'],
  how: mastraHow,
  notes: [
    ...mastraNotes,
    'It has no window: each turn and each tail reads all messages of the thread.',
    'A list scans all keys of the database, and reads all threads of all users.',
    'A delete scans all keys of the database.',
  ],
  async open({ url, namespace }) {
    const { RedisStore } = await import('@mastra/redis');
    const storage = new RedisStore({ id: namespace, connectionString: url });
    await storage.init();
    const memory = await storage.getStore('memory');
    if (memory === undefined) throw new Error('@mastra/redis has no memory domain');
    // Its own close waits for the answer to a QUIT, for ever where the connection ends first.
    return openThreads(memory, namespace, () => storage.getClient().close());
  },
};
