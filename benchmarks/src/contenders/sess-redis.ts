import { redisStore } from '@sess/store-redis';
import { Redis } from 'ioredis';
import type { Contender } from '../contender.ts';
import { openSess } from './open-sess.ts';

export const sessOnRedis: Contender = {
  name: 'sess',
  kind: 'sess',
  backend: 'redis',
  packages: ['@sess/core', '@sess/store-redis', 'ioredis'],
  how: 'A new session object for each request, on a client that stays: one script reads a window of 20, one appends.',
  async open({ url, namespace }) {
    const client = new Redis(url);
    return openSess({
      openStore: () => redisStore({ client, prefix: `${namespace}:` }),
      isCold: false, // the store keeps nothing of a session
      close: async () => client.disconnect(),
    });
  },
};
