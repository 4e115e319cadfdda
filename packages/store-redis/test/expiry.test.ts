import { redisStore } from '@sess/store-redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { onRedis } from './support/on-redis.ts';
import { appendTo, creation, errorOf, freshPrefix, user } from './support/samples.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';
const HOUR = 3_600_000;

onRedis('expiry by Redis itself', () => {
  describe('expiry by Redis itself', () => {
    let client: Redis;
    beforeAll(() => {
      client = new Redis(url);
    });
    afterAll(() => client.disconnect());
    const open = (ttl?: number, prefix = freshPrefix()) => {
      const store = redisStore({ url, prefix, ttl });
      onTestFinished(() => store.close());
      return { store, prefix, key: (id: string) => `${prefix}s:${id}` };
    };

    test('the whole session has one expiry, which every write moves', async () => {
      const { store, key } = open(HOUR);
      await store.commit('a', creation('c1', [user('one')]));
      const writes = [
        () => appendTo(store, 'a', 'c2', user('two')),
        () => store.commit('a', { changeId: 'c3', life: 'c1' }),
        () => store.save('a', { threads: { main: [user('three')] } }),
      ];
      for (const write of writes) {
        await client.pexpire(key('a'), 1_000);
        await write();
        const { expiresAt } = (await store.get('a')) ?? {};
        expect(await client.pexpiretime(key('a'))).toBe(expiresAt);
      }
      await client.pexpire(key('a'), HOUR / 2);
      const before = await client.pexpiretime(key('a'));
      await store.get('a');
      await errorOf(store.commit('a', { changeId: 'c9', life: 'other' }));
      expect(await client.pexpiretime(key('a'))).toBe(before);
    });

    test('what Redis has removed was never there', async () => {
      const { store, key, prefix } = open(HOUR);
      await store.commit('a', { ...creation('c1', [user('one')]), owner: 'ada' });
      await client.pexpireat(key('a'), 1); // as Redis does when the time has come
      expect(await client.exists(key('a'))).toBe(0);
      expect(await store.get('a')).toBeUndefined();
      expect(await errorOf(store.commit('a', { changeId: 'c2', life: 'c1' }))).toMatchObject({ code: 'NOT_FOUND' });
      expect(await store.delete('a')).toBe(false);
      expect((await store.list({ owner: 'ada' })).sessions).toEqual([]);
      expect(await client.keys(`${prefix}*`)).toEqual([]); // the lists are gone with their last session
      await store.commit('a', creation('d1'));
      expect(await store.get('a')).toMatchObject({ life: 'd1', lengths: { main: 0 } });
    });

    test('a session with the shortest ttl ends by itself', async () => {
      const { store, key } = open(0.5);
      await store.commit('a', creation('c1', [user('one')]));
      await vi.waitFor(async () => expect(await client.exists(key('a'))).toBe(0), { timeout: 10_000 });
      expect(await store.get('a')).toBeUndefined();
    });

    test('an enormous ttl is none that Redis would refuse', async () => {
      const { store } = open(Number.MAX_VALUE);
      await store.commit('a', creation('c1'));
      expect(await store.get('a')).toMatchObject({ life: 'c1' });
    });

    test('without ttl nothing expires, also what would have', async () => {
      const { store, prefix, key } = open(HOUR);
      await store.commit('a', creation('c1'));
      await store.save('b', {});
      const { store: forever } = open(undefined, prefix);
      await forever.commit('a', { changeId: 'c2', life: 'c1' });
      await forever.save('b', {});
      expect(await client.pttl(key('a'))).toBe(-1);
      expect(await client.pttl(key('b'))).toBe(-1);
    });

    test('a tombstone holds ids only, and goes after an hour', async () => {
      const { store, key } = open();
      await store.commit('a', { ...creation('c1', [user('secret')]), metadata: { title: 'secret' }, owner: 'ada' });
      await store.delete('a');
      const left = await client.pttl(key('a'));
      expect(left).toBeGreaterThan(HOUR - 60_000);
      expect(left).toBeLessThanOrEqual(HOUR);
      const fields = await client.hgetall(key('a'));
      expect(Object.keys(fields).sort()).toEqual(['deleted', 'deletedBy', 'recent:1']);
      expect(await errorOf(store.commit('a', { ...creation('c1'), retry: true }))).toMatchObject({ code: 'NOT_FOUND' });
      await store.commit('a', creation('d1'));
      expect(await client.pttl(key('a'))).toBe(-1);
    });
  });
});
