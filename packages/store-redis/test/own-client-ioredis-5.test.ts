import { FaultProxy } from '@sess/test-servers/fault-proxy';
import * as lowest from 'ioredis-5';
import { describe, expect, test, vi } from 'vitest';
import { redisStore } from '../src/index.ts';
import { onRedis } from './support/on-redis.ts';
import { appendTo, creation, errorOf, freshPrefix, user } from './support/samples.ts';

vi.mock('ioredis', () => import('ioredis-5'));

const url = process.env.SESS_TEST_REDIS_URL ?? '';

onRedis("the store's own client, of the lowest ioredis", () => {
  describe("the store's own client, of the lowest ioredis", () => {
    test('recognises what was applied, survives a refused connection, and is closed', async () => {
      expect((await import('ioredis')).Redis).toBe(lowest.Redis);
      const proxy = await FaultProxy.start(url);
      const store = redisStore({ url: proxy.through(url), prefix: freshPrefix(), timeoutMs: 2_000 });
      await store.commit('a', creation('c1'));
      const dropped = proxy.dropReplyTo((request) => request.includes('append-1'));
      await appendTo(store, 'a', 'append-1', user('one'));
      await dropped;
      expect(await store.get('a')).toMatchObject({ changes: 2, threads: { main: [user('one')] } });
      await proxy.refuse();
      expect(await errorOf(store.get('a'))).toMatchObject({ code: 'STORE_FAILED', retryable: true });
      await proxy.accept();
      await vi.waitFor(() => store.delete('a'), { timeout: 10_000 });
      await store.close();
      await proxy.stop();
    });
  });
});
