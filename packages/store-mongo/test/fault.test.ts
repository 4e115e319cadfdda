import { inspect } from 'node:util';
import { SessError } from '@sess/core/store';
import { append, appending, message, rejection, textsOf } from '@sess/store-tests/session';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { startMongodb } from '@sess/test-servers/mongodb';
import { MongoNetworkError } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { attempt } from '../src/attempts.ts';
import { freshPrefix, openClient, openStore } from './support/open-store.ts';
import { onServer, server } from './support/server.ts';

const TIMEOUT_MS = 1_000;

async function startProxy(): Promise<FaultProxy> {
  const proxy = await FaultProxy.start(server.url);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** A store behind a proxy, and one that always has its connection. */
async function openBehindProxy({
  selectionMs = TIMEOUT_MS,
  ...options
}: {
  timeoutMs?: number;
  selectionMs?: number;
} = {}) {
  const proxy = await startProxy();
  const prefix = freshPrefix();
  const clientOptions = { retryWrites: false, retryReads: false, serverSelectionTimeoutMS: selectionMs };
  const store = openStore({ prefix, url: proxy.through(server.url), clientOptions, ...options });
  const other = openStore({ prefix });
  await Promise.all([store.get('warm-up'), other.get('warm-up')]);
  return { proxy, prefix, store, other };
}

const holds = (command: string) => (request: Buffer) => request.includes(command);

test('a repetition that fails does not hide that the first try may have landed', async () => {
  const failures = [new MongoNetworkError('lost'), new SessError('STORE_FAILED', 'Busy.', { retryable: true })];
  const failing = attempt(() => Promise.reject(failures.shift()), { timeoutMs: 10_000, isWrite: true });
  expect(await rejection(failing)).toMatchObject({ message: 'Busy.', retryable: true, outcome: 'unknown' });
});

onServer('faults', () => {
  test('a creation and an append whose replies are lost are stored once', async () => {
    const { proxy, store, other } = await openBehindProxy();
    let lost = proxy.dropReplyTo(holds('findAndModify'));
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: [message('one')] } },
    });
    await lost;
    lost = proxy.dropReplyTo(holds('findAndModify'));
    const change = appending(await other.get('a'), [message('two')]);
    const [result] = await Promise.all([
      store.commit('a', change),
      lost.then(() => append(other, 'a', [message('three')])),
    ]);
    expect(result.changeId).toBe(change.changeId);
    const record = await other.get('a');
    expect(textsOf(record)).toEqual(['one', 'two', 'three']);
    expect(record?.changes).toBe(3);
  });

  test('where a repetition can no longer be told from a conflict, the error says so', async () => {
    const { proxy, store, other } = await openBehindProxy({ selectionMs: 10_000 });
    await append(other, 'a', [message('one')]);
    const change = appending(await other.get('a'), [message('mine')]);
    const lost = proxy.dropReplyTo(holds('findAndModify'));
    const failed = rejection(store.commit('a', change));
    await lost;
    await proxy.refuse();
    for (let index = 0; index < 16; index += 1) await append(other, 'a', [message(`${index}`)]);
    await proxy.accept();
    expect(await failed).toMatchObject({ code: 'CONFLICT', outcome: 'unknown' });
    expect(textsOf(await other.get('a')).filter((text) => text === 'mine')).toHaveLength(1);
  });

  test('a save, a cut and a deletion whose replies are lost happen once', async () => {
    const { proxy, store, other } = await openBehindProxy();
    await other.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: [message('one'), message('two')] } },
    });

    let lost = proxy.dropReplyTo(holds('update'));
    await store.commit('a', { changeId: 'c2', life: 'c1', threads: { main: { base: 'c1', keep: 1, append: [] } } });
    await lost;
    expect(await other.get('a')).toMatchObject({ changes: 2, lengths: { main: 1 } });

    lost = proxy.dropReplyTo(holds('update'));
    await store.save('a', { threads: { main: [message('saved')] } });
    await lost;
    expect(await other.get('a')).toMatchObject({ changes: 3, life: 'c1', lengths: { main: 1 } });

    lost = proxy.dropReplyTo(holds('update'));
    expect(await store.delete('a')).toBe(true);
    await lost;
    expect(await other.get('a')).toBeUndefined();
  });

  test('a commit stands though moving messages to a segment fails, and the next one moves them', async () => {
    const { proxy, store, prefix } = await openBehindProxy();
    const segments = openClient().db('tests').collection(`${prefix}segments`);
    await append(store, 'a', [message('0', 30_000)]);
    const lost = proxy.dropReplyTo(holds('$merge'));
    await append(store, 'a', [message('1', 30_000)]);
    await lost;
    expect(await segments.countDocuments({ session: 'a' })).toBe(1); // written, and nothing refers to it
    for (const text of ['2', '3', '4', '5']) await append(store, 'a', [message(text, 30_000)]);
    expect(await segments.countDocuments({ session: 'a' })).toBeGreaterThan(1);
    expect(textsOf(await store.get('a'))).toEqual(['0', '1', '2', '3', '4', '5']);
    await store.sweep();
    expect(textsOf(await store.get('a'))).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  test('a refused connection is a coded error, and the store recovers by itself', async () => {
    const { proxy, store } = await openBehindProxy();
    await store.save('a', { state: 1 });
    await proxy.refuse();
    const error = await rejection(store.get('a'));
    expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true, store: 'MongoStore', sessionId: 'a' });
    expect(error.outcome).toBeUndefined();
    const write = await rejection(store.commit('a', { changeId: 'c9', life: 'x' }));
    expect(write).toMatchObject({ code: 'STORE_FAILED', retryable: true });
    await proxy.accept();
    expect((await store.get('a'))?.state).toBe(1);
  });

  test('where nobody listens yet, the first use says so, and a later one works', async () => {
    for (const createIndexes of [true, false]) {
      const proxy = await startProxy();
      await proxy.refuse();
      const clientOptions = { serverSelectionTimeoutMS: 300 };
      const store = openStore({ prefix: freshPrefix(), url: proxy.through(server.url), clientOptions, createIndexes });
      for (let round = 0; round < 2; round += 1) {
        const calls = [store.get('a'), store.save('a', {}), store.list(), store.delete('a'), store.sweep()];
        for (const error of await Promise.all(calls.map(rejection))) {
          expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
          expect(error.outcome).toBeUndefined();
        }
      }
      await proxy.accept();
      await store.save('a', { state: 1 });
      expect((await store.get('a'))?.state).toBe(1);
    }
  });

  test('a wrong password is an error that no repetition helps, and that does not tell it', async () => {
    const { host } = new URL(server.url);
    const url = `mongodb://someone:kumquat-7391@${host}/?directConnection=true&authMechanism=SCRAM-SHA-256`;
    const error = await rejection(openStore({ prefix: freshPrefix(), url }).get('a'));
    expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    expect(error.message).toMatch(/password/);
    expect(inspect(error, { depth: 5 })).not.toContain('kumquat');
  });

  test('a connection string that makes no sense is refused without being quoted', () => {
    for (const url of ['http://someone:kumquat-7391@host', 'mongodb://someone:kumquat-7391@', 'kumquat-7391']) {
      let thrown: unknown;
      try {
        openStore({ prefix: freshPrefix(), url });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(inspect(thrown)).not.toContain('kumquat');
    }
  });

  test('a server that falls silent does not hang its callers', async () => {
    const { proxy, store } = await openBehindProxy({ timeoutMs: TIMEOUT_MS });
    await store.save('a', { state: 1 });
    proxy.silence();
    expect(await rejection(store.get('a'))).toMatchObject({ code: 'STORE_FAILED', retryable: true });
    const write = await rejection(store.save('a', { state: 2 }));
    expect(write).toMatchObject({ code: 'STORE_FAILED', retryable: true, outcome: 'unknown' });
    proxy.silence(false);
    proxy.cut();
    expect((await store.get('a'))?.state).toBe(1);
  });

  test("the caller's client without timeouts does not hang either, and stays open", async () => {
    const proxy = await startProxy();
    const client = openClient(proxy.through(server.url));
    const store = openStore({ prefix: freshPrefix(), client, timeoutMs: TIMEOUT_MS });
    await store.save('a', { state: 1 });
    proxy.silence();
    expect(await rejection(store.get('a'))).toMatchObject({ code: 'STORE_FAILED', retryable: true });
    proxy.silence(false);
    await store.close();
    expect((await client.db('tests').command({ ping: 1 })).ok).toBe(1);
  });

  test('close ends all connections of the own client', async () => {
    const { proxy, store } = await openBehindProxy();
    await store.save('a', { state: 1 });
    await store.close();
    const before = proxy.bytes.toServer;
    expect(await rejection(store.get('a'))).toMatchObject({ code: 'CLOSED' });
    expect(proxy.bytes.toServer).toBe(before);
  });
});

onServer('a server of its own', () => {
  test('killed and restarted in mid-traffic: nothing acknowledged is lost', { timeout: 120_000 }, async ({ skip }) => {
    if (process.env.MONGODB_URL) return skip('the server of MONGODB_URL is not ours to kill');
    const own = await startMongodb();
    onTestFinished(() => own.stop());
    const store = openStore({ prefix: freshPrefix(), url: own.url });
    await store.save('a', {});
    const acknowledged: string[] = [];
    const failures: unknown[] = [];
    let isOver = false;
    let onAcknowledged = () => {};
    const acknowledgedMore = (count: number) =>
      new Promise<void>((resolve) => {
        const target = acknowledged.length + count;
        onAcknowledged = () => acknowledged.length >= target && resolve();
      });
    const write = async (thread: string) => {
      for (let number = 0; !isOver; number += 1) {
        const text = `${thread}.${number}`;
        try {
          await append(store, 'a', [message(text, 3_000)], thread);
          acknowledged.push(text);
          onAcknowledged();
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const writers = ['one', 'two', 'three'].map(write);
    for (const _ of [1, 2]) {
      await acknowledgedMore(40);
      await own.kill();
      await own.restart();
    }
    await acknowledgedMore(40);
    isOver = true;
    await Promise.all(writers);

    for (const error of failures) expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
    const record = await store.get('a');
    for (const thread of ['one', 'two', 'three']) {
      const texts = textsOf(record, thread);
      expect(new Set(texts).size).toBe(texts.length);
      const unknown = new Set(texts.filter((text) => !acknowledged.includes(text)));
      expect(unknown.size).toBeLessThanOrEqual(failures.length);
      expect(texts.filter((text) => !unknown.has(text))).toEqual(
        acknowledged.filter((text) => text.startsWith(`${thread}.`)),
      );
    }
  });
});
