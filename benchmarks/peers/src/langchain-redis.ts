import type { Contender } from '../../src/contender.ts';
import { langchainHow, openHistories } from './langchain-histories.ts';

export const langchainRedis: Contender = {
  name: '@langchain/redis',
  kind: 'peer',
  backend: 'redis',
  packages: ['@langchain/redis', '@langchain/core'],
  how: `${langchainHow} All histories share a client: two of its own pool that start at once fail with 'Socket already opened'.`,
  notes: [
    'Each message of a turn is an LPUSH of its own: a process that is killed leaves a part of a turn.',
    'Each turn reads the whole history.',
    'Sessions cannot be listed.',
  ],
  async open({ url, namespace }) {
    const { createClient } = await import('redis-4');
    const { RedisChatMessageHistory } = await import('@langchain/redis');
    const client = createClient({ url });
    await client.connect();
    return openHistories(
      (sessionId) => new RedisChatMessageHistory({ sessionId: `${namespace}:${sessionId}`, client }),
      () => client.disconnect(),
    );
  },
};
