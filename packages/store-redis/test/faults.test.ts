import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { redisStore } from '@sess/store-redis';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { startRedis } from '@sess/test-servers/redis';
import type { TestServer } from '@sess/test-servers/test-server';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { onOwnRedis, onRedis } from './support/on-redis.ts';
import { appendTo, creation, errorOf, freshPrefix, user } from './support/samples.ts';

const url = process.env.SESS_TEST_REDIS_URL ?? '';

onRedis('a server that cannot be reached', () => {
  describe('a server that cannot be reached', () => {
    test('refuses connections: a coded error, and recovery without another store', async () => {
      const proxy = await proxyTo(url);
      const store = openStore({ url: proxy.through(url), prefix: freshPrefix(), timeoutMs: 200 });
      await proxy.refuse();
      for (const call of [
        () => store.get('a'),
        () => store.commit('a', creation('c1')),
        () => store.list(),
        () => store.setup(),
      ]) {
        const error = await errorOf(call());
        expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true, cause: { code: 'ECONNREFUSED' } });
        expect(error.message).toContain('(ECONNREFUSED)');
      }
      await proxy.accept();
      await vi.waitFor(() => store.commit('a', creation('c1')), { timeout: 10_000 });
      expect(await store.get('a')).toMatchObject({ life: 'c1', changes: 1 });
    });

    test('comes back in time: nobody notices', async () => {
      const proxy = await proxyTo(url);
      const store = openStore({ url: proxy.through(url), prefix: freshPrefix() });
      await store.commit('a', creation('c1'));
      await proxy.refuse();
      const reading = store.get('a');
      const writing = appendTo(store, 'a', 'c2', user('one'));
      await proxy.accept();
      expect(await reading).toMatchObject({ life: 'c1' });
      await writing;
      expect((await store.get('a'))?.threads).toEqual({ main: [user('one')] });
    });

    test('answers nothing: the time is over, the outcome unknown, and the connection given up', async () => {
      const proxy = await proxyTo(url);
      const store = openStore({ url: proxy.through(url), prefix: freshPrefix(), timeoutMs: 300 });
      await store.commit('a', creation('c1'));
      proxy.silence();
      const reading = await errorOf(store.get('a'));
      expect(reading).toMatchObject({ code: 'STORE_FAILED', retryable: true });
      expect(reading.outcome).toBeUndefined();
      const writing = await errorOf(store.commit('a', { changeId: 'c2', life: 'c1' }));
      expect(writing).toMatchObject({ code: 'STORE_FAILED', retryable: true, outcome: 'unknown' });
      proxy.silence(false);
      await vi.waitFor(() => store.commit('a', { changeId: 'c2', life: 'c1', retry: true }), { timeout: 10_000 });
      expect(await store.get('a')).toMatchObject({ changes: 2 });
    });

    test('is slow: it is waited for', async () => {
      const proxy = await proxyTo(url);
      const store = openStore({ url: proxy.through(url), prefix: freshPrefix() });
      proxy.delay(30);
      await store.commit('a', creation('c1', [user('one')]));
      expect((await store.get('a'))?.threads).toEqual({ main: [user('one')] });
    });

    test('is not waited for by a client of yours that was closed', async () => {
      const client = new Redis(url);
      const store = openStore({ client, prefix: freshPrefix() });
      await store.setup();
      client.disconnect();
      await vi.waitFor(() => expect(client.status).toBe('end'));
      expect(await errorOf(store.get('a'))).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    });
  });
});

onOwnRedis('a server of its own', () => {
  describe('a server of its own', () => {
    test('is killed and restarted in mid-traffic: what was acknowledged is there', async () => {
      const server = await serverWith([]);
      const store = openStore({ url: server.url, prefix: freshPrefix() });
      const writers = [0, 1, 2, 3];
      const acknowledged: string[][] = writers.map(() => []);
      await Promise.all(writers.map((writer) => store.commit(`s${writer}`, creation('c0'))));
      let isOver = false;
      const write = async (writer: number) => {
        for (let number = 1; !isOver; number += 1) {
          await appendTo(store, `s${writer}`, `c${number}`, user(`${number}`));
          acknowledged[writer]?.push(`${number}`);
        }
      };
      const writing = Promise.all(writers.map(write));
      for (let kills = 0; kills < 3; kills += 1) {
        const before = acknowledged.flat().length;
        await vi.waitFor(() => expect(acknowledged.flat().length).toBeGreaterThan(before + 20), { timeout: 20_000 });
        await server.kill();
        await server.restart();
      }
      isOver = true;
      await writing;
      for (const writer of writers) {
        const { threads } = (await store.get(`s${writer}`)) ?? {};
        expect(threads?.main?.map(({ content }) => content[0]?.text)).toEqual(acknowledged[writer]);
      }
    });

    test('asks for a password: a coded error that does not hold it', async () => {
      const server = await serverWith(['--requirepass', 'right-kumquat']);
      const at = (password: string) => server.url.replace('redis://', `redis://:${password}@`);
      for (const wrong of [at('wrong-kumquat'), server.url]) {
        const store = openStore({ url: wrong, prefix: freshPrefix() });
        for (const call of [() => store.commit('a', creation('c1')), () => store.get('a')]) {
          const error = await errorOf(call());
          expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
          expect(error.outcome).toBeUndefined();
          expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('kumquat');
        }
      }
      const store = openStore({ url: at('right-kumquat'), prefix: freshPrefix() });
      await store.commit('a', creation('c1'));
    });

    test('is a replica: refused, for reading too', async () => {
      const master = await serverWith([]);
      const replica = await serverWith(['--replicaof', '127.0.0.1', new URL(master.url).port]);
      const prefix = freshPrefix();
      const store = openStore({ url: master.url, prefix });
      await store.commit('a', creation('c1'));
      const wrong = openStore({ url: replica.url, prefix, timeoutMs: 500 });
      for (const call of [
        () => wrong.get('a'),
        () => wrong.get('none'),
        () => wrong.commit('a', { changeId: 'c2', life: 'other' }),
        () => wrong.commit('a', { changeId: 'c2', life: 'c1' }),
        () => wrong.delete('none'),
        () => wrong.list({ owner: 'nobody' }),
        () => wrong.setup(),
      ]) {
        const error = await errorOf(call());
        expect(error.code).toBe('STORE_FAILED');
        expect(error.message).toContain('replica');
      }
    });

    test('forgets its scripts: nobody notices', async () => {
      const server = await serverWith([]);
      const store = openStore({ url: server.url, prefix: freshPrefix() });
      const client = clientOf(server.url);
      await store.commit('a', creation('c1'));
      await client.script('FLUSH');
      await appendTo(store, 'a', 'c2', user('one'));
      await client.script('FLUSH');
      expect((await store.list()).sessions).toHaveLength(1);
      await client.script('FLUSH');
      expect(await store.delete('a')).toBe(true);
    });

    test('is out of memory: nothing of a commit is there, reading goes on', async () => {
      const server = await serverWith([]);
      const store = openStore({ url: server.url, prefix: freshPrefix() });
      const client = clientOf(server.url);
      await store.commit('a', creation('c1', [user('one')]));
      const before = await store.get('a');
      await client.config('SET', 'maxmemory', '1mb');
      const error = await errorOf(appendTo(store, 'a', 'c2', user('x'.repeat(100_000))));
      expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
      expect(error.outcome).toBeUndefined();
      expect(await store.get('a')).toEqual(before);
      await client.config('SET', 'maxmemory', '0');
      await appendTo(store, 'a', 'c2', user('two'));
    });

    test.each([
      ['allkeys-lru', undefined],
      ['volatile-ttl', 60_000],
    ])('may evict sessions (%s, ttl %s): warned of once', async (policy, ttl) => {
      const server = await serverWith(['--maxmemory-policy', policy]);
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      const store = openStore({ url: server.url, prefix: freshPrefix(), ...(ttl && { ttl }) });
      await store.setup();
      await Promise.all(['a', 'b', 'c'].map((id) => store.commit(id, creation('c1'))));
      expect(warn.mock.calls.map(([text]) => text)).toEqual([expect.stringContaining(policy)]);
    });

    test('evicts volatile keys, which sessions without a ttl are not: not warned of', async () => {
      const server = await serverWith(['--maxmemory-policy', 'volatile-ttl']);
      const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
      await openStore({ url: server.url }).setup();
      expect(warn).not.toHaveBeenCalled();
    });

    test('permits what the README lists', async () => {
      const server = await serverWith([]);
      const client = clientOf(server.url);
      await client.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~sess:*', ...readmePermissions());
      const store = openStore({ url: server.url.replace('redis://', 'redis://app:secret@'), ttl: 60_000 });
      await store.setup();
      await store.commit('a', { ...creation('c1', [user('one')]), owner: 'ada', metadata: { x: 1, y: 2 } });
      await store.commit('a', { changeId: 'c2', life: 'c1', metadata: { x: null } });
      await store.save('a', { threads: { main: [user('two')] } });
      expect((await store.list({ owner: 'ada' })).sessions).toHaveLength(1);
      expect(await store.delete('a')).toBe(true);
      await client.call('ACL', 'SETUSER', 'app', '-info');
      const uninformed = openStore({ url: server.url.replace('redis://', 'redis://app:secret@') });
      await uninformed.commit('b', creation('c1'));
      const elsewhere = openStore({ url: server.url.replace('redis://', 'redis://app:secret@'), prefix: 'other:' });
      expect(await errorOf(elsewhere.get('a'))).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    });
  });
});

/** The commands of the README's `ACL SETUSER`. */
function readmePermissions(): string[] {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, rules = ''] = /^ACL SETUSER app on >password ~sess:\* ([^`]+)/m.exec(readme) ?? [];
  return rules.trim().split(/\s+/);
}

function openStore(options: Parameters<typeof redisStore>[0]) {
  const store = redisStore(options);
  onTestFinished(() => store.close());
  return store;
}

function clientOf(serverUrl: string): Redis {
  const client = new Redis(serverUrl);
  onTestFinished(() => client.disconnect());
  return client;
}

async function proxyTo(serverUrl: string): Promise<FaultProxy> {
  const proxy = await FaultProxy.start(serverUrl);
  onTestFinished(() => proxy.stop());
  return proxy;
}

async function serverWith(args: readonly string[]): Promise<TestServer> {
  // With options, so that it is a server of our own whatever REDIS_URL says.
  const server = await startRedis(['--loglevel', 'warning', ...args]);
  onTestFinished(() => server.stop());
  return server;
}
