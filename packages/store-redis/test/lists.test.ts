import { type RedisStore, redisStore } from '@sess/store-redis';
import { Cluster, Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { onOwnRedis } from './support/on-redis.ts';
import { appendTo, creation, errorOf, freshPrefix, user } from './support/samples.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';
const clusterUrl = new URL(process.env.SESS_TEST_REDIS_CLUSTER_URL ?? 'redis://127.0.0.1:1');
const clusterNode = () => ({ host: clusterUrl.hostname, port: Number(clusterUrl.port) });

onOwnRedis('lists', () => {
  describe.each(['a single node', 'a cluster'])('lists on %s', (where) => {
    let client: Redis | Cluster;
    let prefix: string;
    let now: number;
    const stores: RedisStore[] = [];
    const open = (ttl?: number) => {
      const store = redisStore({ client, prefix, ttl, clock: () => now });
      stores.push(store);
      return store;
    };
    beforeEach(() => {
      prefix = freshPrefix();
      now = 1_800_000_000_000;
      client = where === 'a cluster' ? new Cluster([clusterNode()]) : new Redis(url);
    });
    afterEach(async () => {
      await Promise.all(stores.splice(0).map((store) => store.close()));
      client.disconnect();
    });
    const idsOf = async (store: RedisStore, owner?: string) =>
      (await store.list(owner === undefined ? {} : { owner })).sessions.map(({ id }) => id);
    const members = (name: string) => (client as Redis).zrange(`${prefix}${name}`, '0', '-1');

    test('are right at once for the one who wrote', async () => {
      const store = open();
      for (const id of ['a', 'b', 'c']) {
        now += 1;
        await store.commit(id, { ...creation('c1'), owner: 'ada' });
      }
      now += 1;
      await appendTo(store, 'a', 'c2', user('one'));
      expect(await idsOf(store, 'ada')).toEqual(['a', 'c', 'b']);
      await store.delete('c');
      expect(await idsOf(store)).toEqual(['a', 'b']);
    });

    test('are right for another process as well, on a single node at once', async () => {
      const store = open();
      const other = open();
      await store.commit('a', { ...creation('c1'), owner: 'ada' });
      now += 1;
      await store.commit('b', { ...creation('c1'), owner: 'ada' });
      now += 1;
      await appendTo(store, 'a', 'c2', user('one'));
      const expected = () => idsOf(other, 'ada').then((ids) => expect(ids).toEqual(['a', 'b']));
      await (where === 'a cluster' ? vi.waitFor(expected, { timeout: 10_000 }) : expected());
    });

    test('that have lost a session, or its place, are put right by its next commit', async () => {
      const store = open();
      await store.commit('a', { ...creation('c1'), owner: 'ada' });
      await store.commit('b', { ...creation('c1'), owner: 'ada' });
      await store.list();
      for (const name of ['{list}:updatedAt', '{list}:createdAt', '{owner:ada}:updatedAt', '{owner:ada}:createdAt']) {
        await client.del(`${prefix}${name}`);
      }
      now += 1;
      await appendTo(store, 'a', 'c2', user('one'));
      expect(await idsOf(store)).toEqual(['a']);
      expect(await idsOf(store, 'ada')).toEqual(['a']);
      expect((await store.list({ orderBy: 'createdAt' })).sessions).toMatchObject([{ id: 'a', createdAt: now - 1 }]);
    });

    test('are made anew by reindex, whatever they have lost', async () => {
      const store = open(60_000);
      const ids = Array.from({ length: 40 }, (_, number) => `s${number}`);
      for (const id of ids) {
        now += 1;
        await store.commit(id, { ...creation('c1'), owner: 'ada' });
      }
      await store.commit('deleted', creation('c1'));
      await store.delete('deleted');
      await store.list();
      for (const name of ['{list}:updatedAt', '{list}:createdAt', '{list}:expiring', '{owner:ada}:updatedAt']) {
        await client.del(`${prefix}${name}`);
      }
      await client.set(`${prefix}s:garbled`, 'garbled');
      const other = redisStore({ client, prefix: `${prefix}other:` });
      stores.push(other);
      await other.commit('of another store', creation('c1'));

      const { listed, unreadable } = await store.reindex();
      expect(listed).toBe(40);
      expect(unreadable).toMatchObject([{ id: 'garbled', error: { code: 'CORRUPT', sessionId: 'garbled' } }]);
      expect(await idsOf(open())).toEqual([...ids].reverse());
      expect(await idsOf(open(), 'ada')).toEqual([...ids].reverse());
      expect(await members('{list}:expiring')).toHaveLength(40);
    });

    test('are made anew also where the driver or the prefix has what patterns are made of', async () => {
      const odd = `${prefix}[a]*?\\`;
      const settings = { keyPrefix: 'app*:' };
      const own = where === 'a cluster' ? new Cluster([clusterNode()], settings) : new Redis(url, settings);
      const store = redisStore({ client: own, prefix: odd });
      try {
        await store.commit('a*', creation('c1'));
        await store.list();
        for (const name of ['updatedAt', 'createdAt']) await own.del(`${odd}{list}:${name}`);
        expect(await store.list()).toEqual({ sessions: [] });
        expect(await store.reindex()).toEqual({ listed: 1, unreadable: [] });
        expect(await idsOf(store)).toEqual(['a*']);
      } finally {
        await store.close();
        own.disconnect();
      }
    });

    test('that hold what is not so put it right when they are read', async () => {
      const store = open();
      await store.commit('a', { ...creation('c1'), owner: 'ada' });
      now += 10;
      await store.commit('b', { ...creation('c1'), owner: 'ada' });
      await store.list();
      await client.zadd(`${prefix}{owner:ada}:updatedAt`, now + 99, 'a', now + 98, 'gone');
      await client.zadd(`${prefix}{owner:bob}:updatedAt`, now, 'a');
      expect(await idsOf(store, 'bob')).toEqual([]);
      expect(await idsOf(store, 'ada')).toEqual(['b']);
      expect(await idsOf(store, 'ada')).toEqual(['b', 'a']);
      expect(await members('{owner:bob}:updatedAt')).toEqual([]);
      expect(await members('{owner:ada}:updatedAt')).toEqual(['a', 'b']);
    });

    test('forget what has expired, though nobody reads them', async () => {
      const store = open(1_000);
      for (let number = 0; number < 20; number += 1) {
        await store.commit(`old ${number}`, { ...creation('c1'), owner: `owner ${number}` });
      }
      await store.commit('kept', { ...creation('c1'), owner: 'ada' });
      now += 900;
      await store.commit('kept', { changeId: 'c2', life: 'c1' });
      now += 900; // the old ones are gone, kept has a tenth left
      for (let number = 0; number < 20; number += 1) await store.commit(`new ${number}`, creation('c1'));
      await store.close(); // waits for what is done in the background
      const left = await members('{list}:updatedAt');
      expect(left.filter((id) => id.startsWith('old'))).toEqual([]);
      expect(left).toHaveLength(21);
      expect(await members('{list}:expiring')).toHaveLength(21);
      expect(await members('{owner:owner 3}:createdAt')).toEqual([]);
    });

    test('page over many sessions of the same time, some of which are gone', async () => {
      const store = open();
      // In UTF-8, by which Redis orders, an emoji comes behind a full-width tilde; in UTF-16 before it.
      const ids = Array.from({ length: 30 }, (_, index) => `${index % 2 ? '\u{1f600}' : '\uff5e'}${index}`);
      for (const id of ids) await store.commit(id, creation('c1'));
      await store.list();
      for (const id of ids.slice(0, 10)) await client.del(`${prefix}s:${id}`);
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ limit: 7, ...(cursor !== undefined && { cursor }) });
        found.push(...page.sessions.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(found.sort()).toEqual(ids.slice(10).sort());
    });

    test('that are garbled do not fail a commit', async () => {
      const store = open(60_000);
      for (const name of ['{list}:updatedAt', '{list}:createdAt', '{list}:expiring', '{owner:ada}:updatedAt']) {
        await client.set(`${prefix}${name}`, 'garbled');
      }
      await store.commit('a', { ...creation('c1'), owner: 'ada' });
      await appendTo(store, 'a', 'c2', user('one'));
      expect(await store.get('a')).toMatchObject({ changes: 2 });
      expect(await store.delete('a')).toBe(true);
      expect(await errorOf(store.list())).toMatchObject({ code: 'CORRUPT' });
    });

    test('tell of a session that cannot be read', async () => {
      const store = open();
      await store.commit('a', creation('c1'));
      await store.commit('b', creation('c1'));
      await store.list();
      await client.del(`${prefix}s:b`);
      await client.set(`${prefix}s:b`, 'garbled');
      const { sessions, unreadable } = await store.list();
      expect(sessions.map(({ id }) => id)).toEqual(['a']);
      expect(unreadable).toMatchObject([{ id: 'b', error: { code: 'CORRUPT', sessionId: 'b' } }]);
    });
  });

  test('a session that is announced in a cluster and never created is forgotten', async () => {
    const client = new Cluster([clusterNode()]);
    const prefix = freshPrefix();
    const store = redisStore({ client, prefix });
    try {
      await store.commit('a', { changeId: 'c1', life: null, holds: { main: 't1' } }).catch(() => {});
      expect(await client.zcard(`${prefix}{list}:updatedAt`)).toBe(1);
      expect((await store.list()).sessions).toEqual([]);
      expect(await client.zcard(`${prefix}{list}:updatedAt`)).toBe(0);
    } finally {
      await store.close();
      client.disconnect();
    }
  });
});
