import type { MessageData } from '@sess/core/store';
import { type RedisStore, redisStore } from '@sess/store-redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onRedis } from './support/on-redis.ts';
import { appendTo, creation, freshPrefix, user } from './support/samples.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';

onRedis('large sessions', () => {
  describe('large sessions', () => {
    const prefix = freshPrefix();
    let store: RedisStore;
    let client: Redis;
    beforeAll(() => {
      store = redisStore({ url, prefix });
      client = new Redis(url);
    });
    afterAll(async () => {
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => store.delete(id)));
      await store.close();
      client.disconnect();
    });
    const message = (index: number, bytes: number) => user(`${index}:${'x'.repeat(bytes)}`);

    test('20,000 messages of 20 MB in two threads are read back whole', async () => {
      const all = Array.from({ length: 20_000 }, (_, index) => message(index, 1_000));
      const [main, side] = [all.slice(0, 15_000), all.slice(15_000)];
      await store.commit('a', creation('c1', main));
      await store.commit('a', { changeId: 'c2', life: 'c1', threads: { side: { base: null, keep: 0, append: side } } });
      expect((await store.get('a'))?.threads).toEqual({ main, side });
    });

    test('so are a message of 1 MB, and a commit of 250 messages', async () => {
      const append: MessageData[] = Array.from({ length: 250 }, (_, index) => message(index, 100));
      append.push(message(250, 1_048_576));
      await store.commit('b', creation('c1'));
      await appendTo(store, 'b', 'c2', ...append);
      expect((await store.get('b'))?.threads).toEqual({ main: append });
    });

    test('a commit may replace 10,000 messages by 10,000 others, or take all away', async () => {
      const old = Array.from({ length: 10_000 }, (_, index) => message(index, 10));
      const next = old.map((_, index) => message(-index, 10));
      await store.commit('c', creation('c1', old));
      await store.commit('c', { changeId: 'c2', life: 'c1', threads: { main: { base: 'c1', keep: 1, append: next } } });
      expect((await store.get('c'))?.threads).toEqual({ main: [...old.slice(0, 1), ...next] });
      await store.commit('c', { changeId: 'c3', life: 'c1', threads: { main: { base: 'c2', keep: 3, append: [] } } });
      expect((await store.get('c'))?.threads).toEqual({ main: [...old.slice(0, 1), ...next.slice(0, 2)] });
      expect(await client.hlen(`${prefix}s:c`)).toBeLessThan(30);
    });

    test('thousands of metadata keys come and go', async () => {
      const keys = Array.from({ length: 3_000 }, (_, index) => `key ${index}`);
      const all = Object.fromEntries(keys.map((key, index) => [key, index]));
      await store.commit('d', { changeId: 'c1', life: null, metadata: all });
      const even = Object.fromEntries(keys.filter((_, index) => index % 2 === 0).map((key) => [key, null]));
      await store.commit('d', { changeId: 'c2', life: 'c1', metadata: { ...even, fresh: true } });
      const left = Object.fromEntries(Object.entries(all).filter(([key]) => !(key in even)));
      expect((await store.get('d'))?.metadata).toEqual({ ...left, fresh: true });
    });

    test('what is read in slices is of one moment, whatever is written meanwhile', async () => {
      const text = 'x'.repeat(20_000);
      const version = (number: number) => Array.from({ length: 200 }, () => user(`${number}:${text}`));
      await store.commit('e', creation('c0', version(0)));
      let isOver = false;
      const write = async () => {
        let base = 'c0';
        for (let number = 1; !isOver; number += 1) {
          const keep = number % 3 === 0 ? 0 : 200;
          const append = keep === 0 ? version(number) : [user(`${number}:${text}`)];
          // Appends in two of three changes; the third replaces all.
          const { lengths } = (await store.get('e', { last: 0 })) ?? {};
          const main = { base, keep: keep === 0 ? 0 : (lengths?.main ?? 0), append };
          base = `c${number}`;
          await store.commit('e', { changeId: base, life: 'c0', threads: { main } });
        }
      };
      const writing = write();
      try {
        for (let reads = 0; reads < 30; reads += 1) {
          const record = await store.get('e');
          const main = record?.threads?.main ?? [];
          const numbers = main.map(({ content }) => Number(content[0]?.text?.split(':')[0]));
          const last = Number(record?.versions.threads.main?.slice(1));
          const replaced = last - (last % 3);
          const appended = Array.from({ length: last - replaced }, (_, index) => replaced + index + 1);
          expect(numbers).toEqual([...Array(200).fill(replaced), ...appended]);
        }
      } finally {
        isOver = true;
        await writing;
      }
    });
  });
});
