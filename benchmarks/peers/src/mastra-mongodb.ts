import type { Contender } from '../../src/contender.ts';
import { durableWrites } from './durable-writes.ts';
import { mastraHow, mastraNotes, openThreads } from './mastra-threads.ts';

export const mastraMongodb: Contender = {
  name: '@mastra/mongodb',
  kind: 'peer',
  backend: 'mongodb',
  packages: ['@mastra/mongodb', '@mastra/core'],
  how: `${mastraHow} With w: majority and j: true, in a database that is named after the namespace.`,
  notes: [
    ...mastraNotes,
    'A turn is one transaction on a replica set. On a server without transactions a process that is killed leaves a part of a turn.',
  ],
  async open({ url, namespace }) {
    const { MongoDBStore } = await import('@mastra/mongodb');
    const options = { writeConcern: durableWrites };
    const storage = new MongoDBStore({ id: namespace, uri: url, dbName: namespace, options, disableInit: true });
    const memory = await storage.getStore('memory');
    if (memory === undefined) throw new Error('@mastra/mongodb has no memory domain');
    await memory.init(); // the indexes of messages and threads; those of its other domains are not used
    return openThreads(memory, namespace, () => storage.close());
  },
};
