import type { Contender } from '../../src/contender.ts';
import { expressSessionHow, expressSessionNotes, openExpressSessions } from './express-session.ts';

export const connectRedis: Contender = {
  name: 'connect-redis',
  kind: 'peer',
  backend: 'redis',
  packages: ['connect-redis', 'express-session', 'redis'],
  how: expressSessionHow,
  notes: [...expressSessionNotes, 'Sessions expire after a day, unless they are told otherwise.'],
  async open({ url, namespace }) {
    const { createClient } = await import('redis');
    const { RedisStore } = await import('connect-redis');
    const client = createClient({ url });
    await client.connect();
    const store = new RedisStore({ client, prefix: `${namespace}:`, scanCount: 1_000 });
    return {
      ...openExpressSessions(store, () => client.close()),
      async *list() {
        yield* (await store.ids()) as string[];
      },
    };
  },
};
