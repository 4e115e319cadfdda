import { redisStore } from '@sess/store-redis';
import { Redis } from 'ioredis';
import { describe, expect, test, vi } from 'vitest';
import { onRedis } from './support/on-redis.ts';
import { creation, errorOf, freshPrefix } from './support/samples.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';

describe('options', () => {
  test.each([
    { url: 7 },
    { client: {} },
    { url: 'redis://127.0.0.1:1', client: new Redis({ lazyConnect: true }) },
    { options: {}, client: new Redis({ lazyConnect: true }) },
    { prefix: 7 },
    { prefix: '\ud800' },
    { timeoutMs: 0 },
    { timeoutMs: Number.NaN },
    { timeoutMs: Number.POSITIVE_INFINITY },
    { ttl: -1 },
  ])('that make no sense are refused: %o', (options) => {
    expect(() => redisStore(options as never)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });

  test('make no connection by themselves', async () => {
    const store = redisStore({ url: 'redis://127.0.0.1:1' });
    await store.close();
  });
});

onRedis('clients', () => {
  describe('clients', () => {
    test('of the store are closed with it, also before their first use', async () => {
      const prefix = freshPrefix();
      const administrator = new Redis(url);
      const connections = async () => String(await administrator.client('LIST')).split(`name=${prefix}`).length - 1;
      const store = redisStore({ url, options: { connectionName: prefix }, prefix });
      await store.commit('a', creation('c1'));
      expect(await connections()).toBe(1);
      await store.close();
      await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 10_000 });
      expect(await errorOf(store.get('a'))).toMatchObject({ code: 'CLOSED' });
      administrator.disconnect();
    });

    test('of yours are left open, and their keyPrefix and database are kept to', async () => {
      const client = new Redis(url, { keyPrefix: 'app:', db: 3 });
      const prefix = freshPrefix();
      const store = redisStore({ client, prefix });
      await store.commit('a', { ...creation('c1'), owner: 'ada' });
      expect((await store.list({ owner: 'ada' })).sessions).toHaveLength(1);
      await store.close();
      expect(await client.hget(`${prefix}s:a`, 'life')).toBe('c1');
      const elsewhere = new Redis(url, { db: 3 });
      const keys = await elsewhere.keys(`app:${prefix}*`);
      expect(keys).toHaveLength(5);
      await elsewhere.del(...keys);
      elsewhere.disconnect();
      client.disconnect();
    });

    test('that map replies otherwise, or pipeline by themselves, change nothing', async () => {
      for (const options of [{ protocol: 3, replyMapping: 'resp3' }, { protocol: 2 }, { enableAutoPipelining: true }]) {
        const client = new Redis(url, options as never);
        const store = redisStore({ client, prefix: freshPrefix() });
        const creationOf = (id: string) => store.commit(id, { ...creation('c1'), metadata: { x: [1.5, null, true] } });
        await Promise.all(['a', 'b', 'c'].map(creationOf));
        const { sessions } = await store.list();
        expect(sessions).toHaveLength(3);
        expect(await store.get('a')).toMatchObject({ metadata: { x: [1.5, null, true] }, lengths: { main: 0 } });
        await store.close();
        client.disconnect();
      }
    });

    test('reach a server of the given url, options and both', async () => {
      const { hostname, port } = new URL(url);
      const prefix = freshPrefix();
      const stores = [
        redisStore({ url, prefix }),
        redisStore({ options: { host: hostname, port: Number(port) }, prefix }),
        redisStore({ url: `redis://${hostname}`, options: { port: Number(port) }, prefix }),
      ];
      for (const store of stores) {
        await store.setup();
        await store.setup();
        await store.close();
      }
    });
  });

  describe('objects instead of ids', () => {
    const objects: unknown[] = [
      { $gt: '' },
      ['a'],
      { toString: () => 'a' },
      7,
      null,
      undefined,
      '',
      Symbol('a'),
      () => 'a',
    ];

    test.each(objects)('%o is refused before it is near a command', async (id) => {
      const client = new Redis(url);
      const sent = vi.spyOn(client, 'sendCommand');
      const store = redisStore({ client, prefix: freshPrefix() });
      const wrong = id as string;
      for (const call of [
        () => store.get(wrong),
        () => store.save(wrong, {}),
        () => store.commit(wrong, creation('c1')),
        () => store.delete(wrong),
        ...(id === undefined ? [] : [() => store.commit('a', { ...creation('c1'), owner: wrong })]),
        ...(id === undefined ? [] : [() => store.list({ owner: wrong })]),
      ]) {
        expect(await errorOf(call())).toMatchObject({ code: 'INVALID_ID' });
      }
      expect(sent.mock.calls.filter(([command]) => /eval|info/.test(command.name)).length).toBeLessThanOrEqual(1); // the driver's own
      await store.close();
      client.disconnect();
    });
  });
});
