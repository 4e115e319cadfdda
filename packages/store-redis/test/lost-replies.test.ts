import { type RedisStore, redisStore } from '@sess/store-redis';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { onRedis } from './support/on-redis.ts';
import { appendTo, creation, errorOf, freshPrefix, user } from './support/samples.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';

onRedis('replies that are lost', () => {
  describe.each(['own', 'borrowed'])('replies that are lost, with a client that is %s', (whose) => {
    let proxy: FaultProxy;
    let store: RedisStore;
    let direct: RedisStore;
    let client: Redis | undefined;
    beforeEach(async () => {
      proxy = await FaultProxy.start(url);
      const prefix = freshPrefix();
      client = whose === 'own' ? undefined : new Redis(proxy.through(url)).on('error', () => {});
      store = redisStore({
        ...(client ? { client } : { url: proxy.through(url) }),
        prefix,
      });
      direct = redisStore({ url, prefix });
      await store.setup();
    });
    afterEach(async () => {
      await store.close();
      await direct.close();
      client?.disconnect();
      await proxy.stop();
    });
    const dropped = (text: string) => proxy.dropReplyTo((request) => request.includes(text));

    test('a commit that the server has applied is recognised when it is repeated', async () => {
      const created = dropped('create-1');
      await store.commit('a', creation('create-1', [user('one')]));
      const appended = dropped('append-1');
      await appendTo(store, 'a', 'append-1', user('two'));
      await Promise.all([created, appended]);
      expect(await direct.get('a')).toMatchObject({ changes: 2, threads: { main: [user('one'), user('two')] } });
    });

    test('a deletion that the server has made is told as one', async () => {
      await store.commit('a', creation('c1'));
      // The first word of the script's arguments that only a deletion has: three of them are behind the key.
      const lost = proxy.dropReplyTo((request) => /evalsha/i.test(request.toString()) && request.includes('\r\na\r\n'));
      expect(await store.delete('a')).toBe(true);
      await lost;
      expect(await store.delete('a')).toBe(false);
    });

    test('a save is made once', async () => {
      await store.commit('a', creation('c1', [user('old')]));
      const lost = dropped('precious');
      await store.save('a', { threads: { main: [user('precious')] } });
      await lost;
      expect(await direct.get('a')).toMatchObject({ changes: 2, threads: { main: [user('precious')] } });
    });

    test('a save is not repeated where the session was deleted meanwhile', async () => {
      const lost = dropped('precious').then(() => proxy.refuse());
      const saving = store.save('a', { threads: { main: [user('precious')] } });
      await lost;
      expect(await direct.delete('a')).toBe(true);
      await proxy.accept();
      await saving;
      expect(await direct.get('a')).toBeUndefined();
    });

    test('a conflict says so where the change may have been forgotten meanwhile', async () => {
      await store.commit('a', creation('c1'));
      const lost = dropped('forgotten').then(() => proxy.refuse());
      const appending = errorOf(appendTo(store, 'a', 'forgotten', user('once')));
      await lost;
      for (let number = 1; number <= 20; number += 1) await appendTo(direct, 'a', `other-${number}`, user('other'));
      await proxy.accept();
      expect(await appending).toMatchObject({ code: 'CONFLICT', outcome: 'unknown' });
      const { threads } = (await direct.get('a')) ?? {};
      expect(threads?.main?.filter((message) => message.content[0]?.text === 'once')).toHaveLength(1);
    });

    test('a conflict does not say so where the connection held', async () => {
      await store.commit('a', creation('c1'));
      for (let number = 1; number <= 20; number += 1) await appendTo(direct, 'a', `other-${number}`, user('other'));
      const stale = { changeId: 'x', life: 'c1', seen: 1, threads: { main: { base: 'c1', keep: 0, append: [] } } };
      const error = await errorOf(store.commit('a', stale));
      expect(error.code).toBe('CONFLICT');
      expect(error.outcome).toBeUndefined();
    });
  });

  test('a conflict says so too where the driver has given up waiting', async () => {
    const proxy = await FaultProxy.start(url);
    const prefix = freshPrefix();
    const direct = redisStore({ url, prefix });
    const impatient = new Redis(proxy.through(url), { commandTimeout: 50 });
    // With time enough: the proxy keeps the order, so that the last try waits for all that were delayed before it.
    const store = redisStore({ client: impatient, prefix, timeoutMs: 60_000 });
    await store.commit('a', creation('c1'));
    proxy.delay(1_000);
    const main = { base: 'c1', keep: 0, append: [user('once')] };
    const appending = errorOf(store.commit('a', { changeId: 'late', life: 'c1', seen: 1, threads: { main } }));
    await vi.waitFor(async () => expect((await direct.get('a'))?.changes).toBe(2), { timeout: 10_000 });
    for (let number = 1; number <= 20; number += 1) await appendTo(direct, 'a', `other-${number}`, user('other'));
    proxy.delay(0);
    expect(await appending).toMatchObject({ code: 'CONFLICT', outcome: 'unknown' });
    await store.close();
    await direct.close();
    impatient.disconnect();
    await proxy.stop();
  });
});
