import { createServer } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { FullSessionStore } from '@sess/core/store';
import { startDynamodb } from '@sess/test-servers/dynamodb';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { freePorts } from '@sess/test-servers/free-port';
import { afterEach, describe, expect, test } from 'vitest';
import { onDynamodb } from './support/on-dynamodb.ts';
import { clientConfig, newClient, type OpenedStore, openStore } from './support/open-store.ts';
import { appendTo, changeOfMain, creation, errorOf, textsOf, user, users } from './support/samples.ts';

onDynamodb('connections', () => {
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });
  const open = (options: Parameters<typeof openStore>[0] = {}): OpenedStore => {
    const opened = openStore(options);
    cleanUps.push(opened.close);
    return opened;
  };
  const throughProxy = async (options: Parameters<typeof openStore>[0] = {}) => {
    const endpoint = process.env.SESS_TEST_DYNAMODB_ENDPOINT ?? '';
    const proxy = await FaultProxy.start(endpoint);
    cleanUps.push(() => proxy.stop());
    return { proxy, ...open({ client: newClient(proxy.through(endpoint)), ...options }) };
  };
  const isTransaction = (request: Buffer) => request.includes('TransactWriteItems');
  const operations = (store: FullSessionStore): [string, () => Promise<unknown>][] => [
    ['get', () => store.get('a')],
    ['commit', () => store.commit('b', creation('c1', [user('secret text')]))],
    ['save', () => store.save('c', { state: 'secret text' })],
    ['delete', () => store.delete('a')],
    ['list', () => store.list()],
  ];

  test('the reply to a commit that has landed gets lost: the retry finds it, and it is there once', async () => {
    const { store, proxy } = await throughProxy();
    await store.commit('a', creation('c1', users(1)));
    const change = await changeOfMain(store, 'a', 'c2', { append: [user('m1')] });
    const dropped = proxy.dropReplyTo(isTransaction);
    await store.commit('a', change);
    await dropped;
    expect(await textsOf(store, 'a')).toEqual(['m0', 'm1']);
    expect(await store.get('a')).toMatchObject({ changes: 2, versions: { threads: { main: 'c2' } } });
  });

  test('the reply to a large commit gets lost: the same', async () => {
    const { store, proxy } = await throughProxy();
    await store.commit('a', creation('c1', users(1)));
    const change = await changeOfMain(store, 'a', 'c2', { append: users(150, 1) });
    const dropped = proxy.dropReplyTo(isTransaction);
    await store.commit('a', change);
    await dropped;
    expect(await store.get('a')).toMatchObject({ changes: 2, lengths: { main: 151 } });
    expect((await store.get('a'))?.threads?.main).toEqual(users(151));
  });

  test('a connection that is cut is made again', async () => {
    const { store, proxy } = await throughProxy();
    for (let index = 0; index < 10; index++) {
      proxy.cut();
      if (index === 0) await store.commit('a', creation('c1'));
      else await appendTo(store, 'a', `c${index + 1}`, user(`m${index - 1}`));
    }
    expect(await textsOf(store, 'a')).toEqual(users(9).map(({ content }) => content[0]?.text));
  });

  test('a server that is silent is waited for no longer than the timeout; then the store works again', async () => {
    const { store, proxy, prefix } = await throughProxy({ timeoutMs: 900 });
    await store.commit('a', creation('c1', users(1)));
    proxy.silence();
    const outcomes = await Promise.all(operations(store).map(async ([, operation]) => errorOf(operation())));
    for (const error of outcomes)
      expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true, store: 'DynamodbStore' });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([undefined, 'unknown', undefined, 'unknown', undefined]);
    proxy.silence(false);
    proxy.cut();
    const patient = open({ prefix });
    expect(await textsOf(patient.store, 'a')).toEqual(['m0']);
    await appendTo(patient.store, 'a', 'c2', user('m1'));
  });

  test('connections are refused: coded errors, and recovery without a restart', async () => {
    const { store, proxy } = await throughProxy({ timeoutMs: 300 });
    await proxy.refuse();
    for (const [name, operation] of operations(store)) {
      const error = await errorOf(operation());
      expect(error, name).toMatchObject({ code: 'STORE_FAILED', retryable: true, store: 'DynamodbStore' });
      expect(error.outcome, name).toBeUndefined();
      expect(error.message).toMatch(/ECONNREFUSED|ECONNRESET|TimeoutError/);
      expect(error.message).not.toContain('secret');
    }
    expect(await errorOf(store.setup())).toMatchObject({ code: 'STORE_FAILED', retryable: true });
    expect(await errorOf(store.sweep())).toMatchObject({ code: 'STORE_FAILED', retryable: true });
    await proxy.accept();
    await expect
      .poll(() => store.commit('b', creation('c1', users(1))).catch(() => undefined))
      .toEqual({ changeId: 'c1' });
  });

  test('somebody else answers at the endpoint', async () => {
    const [port = 0] = await freePorts(1);
    const server = createServer((socket) =>
      socket.on('error', () => {}).end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{]'),
    ).listen(port, '127.0.0.1');
    cleanUps.push(async () => server.close());
    const { store } = open({ client: newClient(`http://127.0.0.1:${port}`), timeoutMs: 300 });
    for (const [name, operation] of operations(store)) {
      const error = await errorOf(operation());
      expect(error, name).toMatchObject({ code: 'STORE_FAILED', store: 'DynamodbStore' });
      expect(error.message).not.toContain('secret');
    }
  });

  test('no credentials', async () => {
    const client = new DynamoDBClient({
      ...clientConfig(),
      credentials: async () => {
        throw Object.assign(new Error('Could not load credentials for key secret-key'), {
          name: 'CredentialsProviderError',
        });
      },
    });
    const { store } = open({ client });
    const error = await errorOf(store.get('a'));
    expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    expect(error.message).toContain('Give the client credentials');
    expect(error.message).not.toContain('secret');
  });

  test('no table', async () => {
    const { store } = open({ table: 'sess-nowhere' });
    for (const [name, operation] of operations(store)) {
      const error = await errorOf(operation());
      expect(error, name).toMatchObject({ code: 'STORE_FAILED', retryable: false });
      expect(error.message).toContain('call setup()');
    }
  });

  test('a server that cannot be reached for a while in mid-traffic: nothing acknowledged is lost or doubled', {
    timeout: 120_000,
  }, async () => {
    const { store, proxy } = await throughProxy({ timeoutMs: 600 });
    const acknowledged: string[] = [];
    let failures = 0;
    let isOver = false;
    const untilItWorks = async <T>(operation: () => Promise<T>): Promise<T> => {
      for (;;) {
        try {
          return await operation();
        } catch (error) {
          expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
          failures += 1;
        }
      }
    };
    await untilItWorks(() => store.commit('a', { ...creation('c1'), retry: true }));
    const traffic = (async () => {
      for (let number = 0; !isOver; number++) {
        const change = await untilItWorks(() => changeOfMain(store, 'a', `${number}`, { append: [user(`${number}`)] }));
        await untilItWorks(() => store.commit('a', { ...change, retry: true }));
        acknowledged.push(`${number}`);
      }
    })();
    const more = async () => {
      const before = acknowledged.length;
      await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before + 5);
    };
    for (let round = 0; round < 4; round++) {
      await more();
      const failed = failures;
      await proxy.refuse();
      await expect.poll(() => failures, { timeout: 60_000 }).toBeGreaterThan(failed);
      await proxy.accept();
    }
    await more();
    isOver = true;
    await traffic;
    expect(await textsOf(store, 'a')).toEqual(acknowledged);
  });

  describe('a server that is killed in mid-traffic', () => {
    test('nothing is doubled, reordered or unreadable, and the store goes on when it is back', {
      timeout: 120_000,
    }, async ({ skip }) => {
      if (process.env.DYNAMODB_ENDPOINT) skip('the server of DYNAMODB_ENDPOINT is not ours to kill');
      const server = await startDynamodb({ keepsData: true });
      cleanUps.push(() => server.stop());
      await open({ client: newClient(server.url) }).store.setup();
      const { store } = open({ client: newClient(server.url), timeoutMs: 600 });
      const writers = [0, 1, 2];
      let isOver = false;
      let failures = 0;
      const acknowledged = writers.map(() => [] as string[]);
      const untilItWorks = async <T>(operation: () => Promise<T>): Promise<T> => {
        for (;;) {
          try {
            return await operation();
          } catch (error) {
            expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: true });
            failures += 1;
          }
        }
      };
      for (const writer of writers)
        await untilItWorks(() => store.commit(`w${writer}`, { ...creation('c1'), retry: true }));
      const traffic = writers.map(async (writer) => {
        for (let number = 0; !isOver; number++) {
          const text = `${writer}.${number}`;
          const change = await untilItWorks(() => changeOfMain(store, `w${writer}`, text, { append: [user(text)] }));
          await untilItWorks(() => store.commit(`w${writer}`, { ...change, retry: true }));
          acknowledged[writer]?.push(text);
        }
      });
      const more = async () => {
        const before = acknowledged.map(({ length }) => length);
        await expect
          .poll(() => acknowledged.every(({ length }, writer) => length > (before[writer] ?? 0) + 5), {
            timeout: 60_000,
          })
          .toBe(true);
      };
      const kills = 3;
      for (let round = 0; round < kills; round++) {
        await more();
        await server.kill();
        const failed = failures;
        await expect.poll(() => failures, { timeout: 60_000 }).toBeGreaterThan(failed);
        await server.restart();
      }
      await more();
      isOver = true;
      await Promise.all(traffic);
      // DynamoDB Local acknowledges before it has stored: killed under bare transactions, it lost the last one that it had
      // acknowledged in 19 of 38 kills. So a kill may cost one commit here; the service itself keeps three copies.
      let lost = 0;
      for (const writer of writers) {
        const stored = await textsOf(store, `w${writer}`);
        const kept = (acknowledged[writer] ?? []).filter((text) => stored.includes(text));
        expect(stored).toEqual(kept);
        lost += (acknowledged[writer]?.length ?? 0) - kept.length;
      }
      console.log(`DynamoDB Local lost ${lost} acknowledged commits in ${kills} kills.`);
      expect(lost).toBeLessThanOrEqual(kills);
    });
  });
});
