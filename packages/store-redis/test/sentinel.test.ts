import { sess, textOf } from '@sess/core';
import { redisStore } from '@sess/store-redis';
import { serverOrReason } from '@sess/test-servers/no-server';
import { type RedisSentinel, startRedisSentinel } from '@sess/test-servers/redis-sentinel';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { onOwnRedis } from './support/on-redis.ts';
import { errorOf, freshPrefix, user } from './support/samples.ts';

onOwnRedis('Sentinel', () => {
  let sentinel: RedisSentinel;
  beforeAll(async () => {
    const { server } = await serverOrReason(startRedisSentinel);
    if (server === undefined) throw new Error('there was a server a moment ago');
    sentinel = server;
  });
  afterAll(() => sentinel.stop());

  test('a master is killed in mid-traffic: the store goes on with the promoted replica, and nothing is doubled', {
    timeout: 120_000,
  }, async () => {
    const { hostname: host, port } = new URL(sentinel.url);
    const options = { sentinels: [{ host, port: Number(port) }], name: sentinel.masterName };
    const store = redisStore({ options, prefix: freshPrefix() });
    const acknowledged: string[] = [];
    const unknown: string[] = [];
    let isOver = false;
    const chat = sess({ store }).createSession({ sessionId: 'a' }).chat();
    const traffic = (async () => {
      for (let number = 0; !isOver; number += 1) {
        const text = String(number);
        await chat.append([user(text)]).then(
          () => acknowledged.push(text),
          (error) => {
            expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
            unknown.push(text);
          },
        );
      }
    })();
    const more = async () => {
      const before = acknowledged.length;
      await vi.waitFor(() => expect(acknowledged.length).toBeGreaterThan(before + 20), { timeout: 60_000 });
    };

    await more();
    const replicated = acknowledged.length;
    await withMaster((master) => vi.waitFor(async () => expect(await master.wait(1, 1_000)).toBe(1)));
    const killed = await sentinel.masterPort();
    await sentinel.kill();
    await vi.waitFor(async () => expect(await sentinel.masterPort()).not.toBe(killed), { timeout: 60_000 });
    await more();
    isOver = true;
    await traffic;

    const session = await sess({ store }).loadSession('a');
    const found = (await session.history()).map(textOf);
    expect(found, 'in order, and each once').toEqual([...new Set(found)].sort((a, b) => Number(a) - Number(b)));
    expect(found.slice(0, replicated), 'what the replica had').toEqual(acknowledged.slice(0, replicated));
    expect(found.filter((text) => !acknowledged.includes(text) && !unknown.includes(text))).toEqual([]);
    const lost = acknowledged.filter((text) => !found.includes(text));
    console.log(
      `Sentinel: ${acknowledged.length} commits acknowledged, of which ${lost.length} never reached the replica`,
    );

    await sentinel.restart();
    await sentinel.untilWhole();
    const replica = redisStore({ url: `redis://127.0.0.1:${killed}` });
    expect(await errorOf(replica.get('a')), 'a master that has come back as a replica').toMatchObject({
      code: 'STORE_FAILED',
    });
    await Promise.all([store.close(), replica.close()]);
  });

  async function withMaster<T>(use: (master: Redis) => Promise<T>): Promise<T> {
    const master = new Redis(await sentinel.masterPort());
    try {
      return await use(master);
    } finally {
      master.disconnect();
    }
  }
});
