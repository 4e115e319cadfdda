import { randomUUID } from 'node:crypto';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { type DynamodbStoreOptions, dynamodbStore, tableDefinition } from '@sess/store-dynamodb';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { allPartitions, partitionFor } from '../src/place.ts';
import { FaultyClient } from './support/faulty-client.ts';
import { onDynamodb } from './support/on-dynamodb.ts';
import { clientConfig, newClient, type OpenedStore, openStore, TABLE } from './support/open-store.ts';
import { itemsIn, rowsIn } from './support/rows-in.ts';
import { appendTo, creation, errorOf, textsOf, user, users } from './support/samples.ts';

describe('options', () => {
  test.each([
    [{ table: '' }],
    [{ table: 1 }],
    [{ prefix: '' }],
    [{ prefix: 'a/b' }],
    [{ prefix: 'x'.repeat(65) }],
    [{ listing: 'none' }],
    [{ timeoutMs: 0 }],
    [{ timeoutMs: Number.NaN }],
    [{ timeoutMs: 2 ** 31 }],
    [{ ttl: -1 }],
    [{ client: new DynamoDBClient(clientConfig('http://127.0.0.1:1')), clientConfig: {} }],
  ])('%o is refused', (options) => {
    expect(() => dynamodbStore(options as DynamodbStoreOptions)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  test('an own client is made of clientConfig, and closed; a borrowed one stays open', async () => {
    const destroy = vi.spyOn(DynamoDBClient.prototype, 'destroy');
    const own = dynamodbStore({ clientConfig: clientConfig('http://127.0.0.1:1') });
    await own.close();
    await own.close();
    expect(destroy).toHaveBeenCalledTimes(1);
    const client = newClient('http://127.0.0.1:1');
    await dynamodbStore({ client }).close();
    expect(destroy).toHaveBeenCalledTimes(1);
    client.destroy();
  });
});

onDynamodb('the store', () => {
  const opened: OpenedStore[] = [];
  const open = (options: Parameters<typeof openStore>[0] = {}) => {
    const one = openStore(options);
    opened.push(one);
    return one;
  };
  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close();
  });

  test('works with a client of its own', async () => {
    const prefix = `own-${randomUUID()}`;
    const store = dynamodbStore({ clientConfig: clientConfig(), prefix, table: TABLE });
    await store.setup();
    await store.commit('a', creation('c1', users(2)));
    expect(await textsOf(store, 'a')).toEqual(['m0', 'm1']);
    await store.close();
  });

  test.each([[{ $gt: '' }], [['a']], [{ S: 'a' }], [{ toString: () => 'a' }], [null], [7], [undefined]])(
    'an id that is %o is refused before DynamoDB is asked',
    async (id) => {
      const faulty = new FaultyClient();
      const { store } = open({ client: faulty.client });
      const hostile = id as string;
      const calls = [
        store.get(hostile),
        store.commit(hostile, creation('c1')),
        store.save(hostile, { state: 1 }),
        store.delete(hostile),
        store.commit('a', { ...creation('c1'), owner: (id ?? { S: 'x' }) as string }),
        store.list({ owner: (id ?? { S: 'x' }) as string }),
        store.commit('a', { changeId: hostile, life: null }),
      ];
      for (const call of calls) expect(await errorOf(call)).toMatchObject({ code: 'INVALID_ID' });
      expect(faulty.commands).toEqual([]);
    },
  );

  test('prefixes of which one begins like the other are apart', async () => {
    const prefix = `p-${randomUUID()}`;
    const [short, long] = [open({ prefix }).store, open({ prefix: `${prefix}-x` }).store];
    await short.commit('-x/a', { ...creation('c1'), owner: 'ada' });
    expect(await long.get('a')).toBeUndefined();
    expect((await long.list()).sessions).toEqual([]);
    expect((await long.list({ owner: 'ada' })).sessions).toEqual([]);
    expect((await short.list()).sessions.map(({ id }) => id)).toEqual(['-x/a']);
  });

  test('what cannot be listed is in no index, and what is claimed follows', async () => {
    const keys = async (listing: DynamodbStoreOptions['listing'], owner: string | undefined) => {
      const { store, prefix } = open({ listing });
      await store.commit('a', { ...creation('c1'), ...(owner !== undefined && { owner }) });
      const [header = {}] = await itemsIn(prefix, 'a');
      return { list: store.supports.list, keys: ['g', 'o', 'u', 'c'].filter((name) => name in header).join('') };
    };
    const list = { orders: ['updatedAt', 'createdAt'], freshness: 'lagging' };
    expect(await keys('all', 'ada')).toEqual({ list: { ...list, scope: 'all' }, keys: 'gouc' });
    expect(await keys('all', undefined)).toEqual({ list: { ...list, scope: 'all' }, keys: 'guc' });
    expect(await keys('owner', 'ada')).toEqual({ list: { ...list, scope: 'owner' }, keys: 'ouc' });
    expect(await keys('owner', undefined)).toEqual({ list: { ...list, scope: 'owner' }, keys: '' });
    expect(await keys(false, 'ada')).toEqual({ list: false, keys: '' });
  });

  test('listing answers what the header says, where the index is late', async () => {
    const faulty = new FaultyClient();
    const { store, prefix } = open({ client: faulty.client });
    const other = open({ prefix }).store;
    for (let index = 0; index < 4; index++) await store.commit(`s${index}`, { ...creation('c1'), owner: 'ada' });
    const [before] = await itemsIn(prefix, 's0');
    faulty.next('Query', async (pass) => {
      const answer = await pass();
      await other.delete('s1');
      await appendTo(other, 's0', 'c2', user('x'));
      return answer;
    });
    const racing = await store.list({ owner: 'ada', limit: 2 });
    expect(racing.sessions.map(({ id }) => id)).toEqual(['s3', 's2']);
    const first = await store.list({ owner: 'ada', limit: 1 });
    expect(first.sessions.map(({ id }) => id)).toEqual(['s0']); // it has moved to the front
    const { cursor = '' } = first;
    faulty.next('Query', async (pass) => {
      const answer = await pass();
      return { ...answer, Items: [...answer.Items, { pk: before?.pk, sk: before?.sk, u: before?.u }] };
    });
    const second = await store.list({ owner: 'ada', limit: 3, cursor });
    expect(second.sessions.map(({ id }) => id)).toEqual(['s3', 's2']);
    expect(second.cursor).toBeUndefined();
    expect(faulty.isDone).toBe(true);
  });

  test('thousands of sessions are listed page by page, each once, in both orders', { timeout: 60_000 }, async () => {
    let now = 1_800_000_000_000;
    const { store } = open({ clock: () => now });
    const ids = Array.from({ length: 260 }, (_, index) => `s${index}`);
    for (const [index, id] of ids.entries()) {
      now += index % 3; // some of the same time
      await store.commit(id, { ...creation(`c-${id}`), ...(index % 2 === 0 && { owner: 'ada' }) });
    }
    for (const orderBy of ['updatedAt', 'createdAt'] as const) {
      for (const owner of [undefined, 'ada']) {
        const found: string[] = [];
        const times: number[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.list({ orderBy, limit: 37, ...(owner && { owner }), ...(cursor && { cursor }) });
          found.push(...page.sessions.map(({ id }) => id));
          times.push(...page.sessions.map((info) => info[orderBy]));
          cursor = page.cursor;
        } while (cursor !== undefined);
        const expected = owner === undefined ? ids : ids.filter((_, index) => index % 2 === 0);
        expect(found.toSorted()).toEqual(expected.toSorted());
        expect(times).toEqual(times.toSorted((one, other) => other - one));
      }
    }
  });

  test('sessions that crowd one partition of the index are listed in order', async () => {
    let now = 1_800_000_000_000;
    const { store, prefix } = open({ clock: () => now });
    const names = Array.from({ length: 2_000 }, (_, index) => `s${index}`);
    const [partition = ''] = allPartitions(prefix);
    const crowded = names.filter((name) => partitionFor(prefix, name) === partition).slice(0, 40);
    const others = names.filter((name) => partitionFor(prefix, name) !== partition).slice(0, 40);
    const ids = [...others, ...crowded]; // the newest ones are all in one partition
    for (const id of ids) {
      now += 1;
      await store.commit(id, creation(`c-${id}`));
    }
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await store.list({ limit: 16, ...(cursor && { cursor }) });
      found.push(...page.sessions.map(({ id }) => id));
      cursor = page.cursor;
    } while (cursor !== undefined);
    expect(found).toEqual(ids.toReversed());
  });

  test('a damaged row is CORRUPT, not a shorter history', async () => {
    const { store, prefix, client } = open();
    await store.commit('a', { ...creation('c1', users(3)), state: { base: null, value: { x: 1 } } });
    const keys = await rowsIn(prefix, 'a');
    const key = (sk: string | undefined) => ({ pk: { S: `${prefix}/a` }, sk: { S: sk ?? '' } });
    const message = keys.find((sk) => sk.includes('/00000001/'));
    await client.send(
      new UpdateItemCommand({
        TableName: TABLE,
        Key: key(message),
        UpdateExpression: 'SET json = :garbled',
        ExpressionAttributeValues: { ':garbled': { S: '{"secret' } },
      }),
    );
    const garbled = await errorOf(store.get('a'));
    expect(garbled).toMatchObject({ code: 'CORRUPT', sessionId: 'a' });
    expect(garbled.message).not.toContain('secret');
    await client.send(new DeleteItemCommand({ TableName: TABLE, Key: key(message) }));
    expect(await errorOf(store.get('a'))).toMatchObject({ code: 'CORRUPT', sessionId: 'a' });
    expect((await store.get('a', { last: 1 }))?.threads?.main).toEqual(users(1, 2));
    const state = keys.find((sk) => sk.includes('/s/'));
    await client.send(new DeleteItemCommand({ TableName: TABLE, Key: key(state) }));
    expect(await errorOf(store.get('a', { last: 0 }))).toMatchObject({ code: 'CORRUPT' });
    expect(await store.delete('a')).toBe(true);
    expect(await store.get('a')).toBeUndefined();
  });

  test('what a process remembers of a session refuses nothing, and promises nothing, by itself', async () => {
    const { store, prefix } = open();
    const other = open({ prefix }).store;
    await store.commit('a', creation('c1', users(1)));
    await appendTo(other, 'a', 'c2', user('m1'));
    const append = { base: 'c2', keep: 2, append: [user('m2')] };
    await store.commit('a', { changeId: 'c3', life: 'c1', threads: { main: append } });
    expect(await textsOf(other, 'a')).toEqual(['m0', 'm1', 'm2']);
    await other.delete('a');
    const repeated = store.commit('a', { changeId: 'c3', life: 'c1', threads: { main: append }, retry: true });
    expect(await errorOf(repeated)).toMatchObject({ code: 'NOT_FOUND' });
    await other.commit('a', creation('d1'));
    expect(await store.delete('a')).toBe(true);
  });

  test('a header without what its writes are conditional on is CORRUPT', async () => {
    const { store, prefix, client } = open();
    await store.commit('a', creation('c1'));
    const Key = { pk: { S: `${prefix}/a` }, sk: { S: 'header' } };
    await client.send(new UpdateItemCommand({ TableName: TABLE, Key, UpdateExpression: 'REMOVE revision' }));
    expect(await errorOf(store.get('a'))).toMatchObject({ code: 'CORRUPT', sessionId: 'a' });
    expect(await errorOf(appendTo(store, 'a', 'c2', user('x')))).toMatchObject({ code: 'CORRUPT', sessionId: 'a' });
  });

  test('what a process knows from before a table was restored does not pass', async () => {
    const { store, prefix, client } = open();
    await store.commit('a', creation('c1', users(1)));
    const [backup] = (await itemsIn(prefix, 'a')).filter((item) => item.sk.S === 'header');
    await appendTo(store, 'a', 'lost', user('lost'));
    await client.send(new PutItemCommand({ TableName: TABLE, Item: backup })); // as a restored table has it
    await appendTo(open({ prefix }).store, 'a', 'theirs', user('theirs'), user('too'));
    await store.commit('a', { changeId: 'c2', life: 'c1', state: { base: null, value: 1 } });
    expect(await textsOf(store, 'a')).toEqual(['m0', 'theirs', 'too']);
    expect(await store.get('a')).toMatchObject({ state: 1, changes: 3, versions: { threads: { main: 'theirs' } } });
  });

  describe('setup', () => {
    test('creates the table once, also when several ask for it at once', async () => {
      const table = `setup-${randomUUID()}`;
      const { store, client } = open({ table });
      await Promise.all([store.setup(), store.setup(), open({ table }).store.setup()]);
      await store.setup();
      const { Table: description } = await client.send(new DescribeTableCommand({ TableName: table }));
      expect(description?.GlobalSecondaryIndexes?.map(({ IndexName: name }) => name).sort()).toEqual([
        'all-by-created',
        'all-by-updated',
        'owner-by-created',
        'owner-by-updated',
      ]);
      const { TimeToLiveDescription: expiry } = await client.send(new DescribeTimeToLiveCommand({ TableName: table }));
      expect(expiry).toMatchObject({ AttributeName: 'ttl', TimeToLiveStatus: 'ENABLED' });
      await client.send(new DeleteTableCommand({ TableName: table }));
    });

    test('says which indexes a table lacks', async () => {
      const table = `setup-${randomUUID()}`;
      const { store, client } = open({ table });
      const definition = tableDefinition(table);
      const GlobalSecondaryIndexes = definition.GlobalSecondaryIndexes?.slice(1);
      await client.send(new CreateTableCommand({ ...definition, GlobalSecondaryIndexes }));
      const error = await errorOf(store.setup());
      expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
      expect(error.message).toContain('all-by-updated');
      await client.send(new DeleteTableCommand({ TableName: table }));
    });
  });
});
