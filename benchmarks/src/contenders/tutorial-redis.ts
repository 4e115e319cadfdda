import { Redis } from 'ioredis';
import type { Contender } from '../contender.ts';
import { redisSessionIds } from './redis-session-ids.ts';
import { keepWhole } from './whole-session.ts';

export const tutorialRedis: Contender = {
  name: 'redis.set(JSON)',
  kind: 'tutorial',
  backend: 'redis',
  packages: ['ioredis'],
  how: 'GETs the JSON of the whole session and SETs it anew with each turn.',
  notes: ['Two writers overwrite one another.'],
  async open({ url, namespace }) {
    const client = new Redis(url);
    const keyOf = (sessionId: string) => `${namespace}:${sessionId}`;
    return keepWhole({
      async read(sessionId) {
        const json = await client.get(keyOf(sessionId));
        return json === null ? undefined : JSON.parse(json);
      },
      async write(sessionId, messages) {
        await client.set(keyOf(sessionId), JSON.stringify(messages));
      },
      list: () => redisSessionIds(client, `${namespace}:`),
      async delete(sessionId) {
        await client.unlink(keyOf(sessionId));
      },
      close: async () => client.disconnect(),
    });
  },
};
