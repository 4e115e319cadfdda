import { CreateTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { tableDefinition } from '@sess/store-dynamodb';
import { startDynamodb } from '@sess/test-servers/dynamodb';
import { afterEach, expect, test } from 'vitest';
import { FaultyClient, failure } from './support/faulty-client.ts';
import { onDynamodb } from './support/on-dynamodb.ts';
import { freshPrefix, newClient, type OpenedStore, openStore } from './support/open-store.ts';
import { itemsIn } from './support/rows-in.ts';
import { appendTo, changeOfMain, creation, errorOf, textsOf, user, users } from './support/samples.ts';

const DAY = 86_400_000;
const TTL = 30 * DAY;
/** How far ahead of the clock of its writers DynamoDB's may be. */
const MARGIN = 3_600_000;

onDynamodb('expiry', () => {
  const opened: OpenedStore[] = [];
  let now = Date.now();
  const open = (options: Parameters<typeof openStore>[0] = {}) => {
    const faulty = new FaultyClient(options.client);
    const one = openStore({ ttl: TTL, clock: () => now, ...options, client: faulty.client });
    opened.push(one);
    return { ...one, faulty };
  };
  afterEach(async () => {
    for (const { close } of opened.splice(0)) await close();
  });
  /** When (ms) DynamoDB removes the header, and the first of the rows. */
  const expiries = async (prefix: string, sessionId: string) => {
    const items = await itemsIn(prefix, sessionId);
    const at = (item: Record<string, { N?: string }>) =>
      item.ttl === undefined ? Number.POSITIVE_INFINITY : Number(item.ttl.N) * 1000;
    const isHeader = (item: { sk?: { S?: string } }) => item.sk?.S === 'header';
    return {
      header: Math.min(...items.filter(isHeader).map(at)),
      rows: Math.min(...items.filter((item) => !isHeader(item)).map(at)),
    };
  };

  test('DynamoDB removes the header after the expiry, and the rows not before', async () => {
    const { store, prefix } = open();
    await store.commit('a', { ...creation('c1', users(120)), state: { base: null, value: { x: 1 } } });
    for (let day = 0; day < 100; day += 9) {
      now += 9 * DAY;
      await appendTo(store, 'a', `c${day + 2}`, user(`day ${day}`));
      const { header, rows } = await expiries(prefix, 'a');
      expect(header).toBeGreaterThanOrEqual(now + TTL + MARGIN);
      expect(header).toBeLessThan(now + TTL + MARGIN + 2_000);
      expect(rows).toBeGreaterThanOrEqual(header);
    }
    expect(await textsOf(store, 'a')).toHaveLength(132);
  });

  test('the rows are prolonged once a ttl, not with every turn', async () => {
    const { store, faulty } = open();
    await store.commit('a', creation('c1', users(40)));
    const start = now;
    const prolonged: number[] = [];
    for (let turn = 0; turn < 90; turn++) {
      now += DAY;
      faulty.commands.length = 0;
      await appendTo(store, 'a', `t${turn}`, user(`t${turn}`));
      if (faulty.commands.includes('UpdateItem')) prolonged.push((now - start) / DAY);
    }
    expect(prolonged).toEqual([31, 62]);
    expect(await textsOf(store, 'a')).toHaveLength(130);
  });

  test('a process that dies while it prolongs leaves the rest to the next one', async () => {
    const { store, prefix, faulty } = open();
    await store.commit('a', creation('c1', users(40)));
    now += 29 * DAY;
    await appendTo(store, 'a', 'c2', user('x'));
    now += 2 * DAY; // from now on the session would outlive its rows
    faulty.next('UpdateItem', (pass) => pass(), 7);
    faulty.next('UpdateItem', failure('AccessDeniedException'), Number.POSITIVE_INFINITY);
    const error = await errorOf(appendTo(store, 'a', 'c3', user('y')));
    expect(error).toMatchObject({ code: 'STORE_FAILED', retryable: false });
    expect(error.outcome).toBeUndefined();
    expect(await store.get('a', { last: 1 })).toMatchObject({ lengths: { main: 41 }, changes: 2 });

    // Another one writes before the old horizon is reached: its rows get the announced one.
    const second = open({ prefix, ttl: 20 * DAY });
    await appendTo(second.store, 'a', 'c4', user('y'));
    expect(second.faulty.commands).not.toContain('UpdateItem');
    const third = open({ prefix });
    await appendTo(third.store, 'a', 'c5', user('z'));
    expect(third.faulty.commands.filter((name) => name === 'UpdateItem')).toHaveLength(41 - 7);
    const { header, rows } = await expiries(prefix, 'a');
    expect(rows).toBeGreaterThanOrEqual(header);
    expect(await textsOf(third.store, 'a')).toHaveLength(43);
  });

  test('writers that prolong at once agree', async () => {
    const first = open();
    const writers = [first, open({ prefix: first.prefix }), open({ prefix: first.prefix })];
    await first.store.commit('a', creation('c1', users(30)));
    now += 29 * DAY;
    await first.store.commit('a', { changeId: 'touch', life: 'c1' });
    now += 2 * DAY;
    await Promise.all(
      writers.map(({ store }, index) =>
        store.commit('a', {
          changeId: `w${index}`,
          life: 'c1',
          threads: { [`own ${index}`]: { base: null, keep: 0, append: [user(`w${index}`)] } },
        }),
      ),
    );
    const { header, rows } = await expiries(first.prefix, 'a');
    expect(rows).toBeGreaterThanOrEqual(header);
    expect(await first.store.get('a')).toMatchObject({ changes: 5 });
  });

  test.each(['Query', 'UpdateItem'] as const)(
    'who prolongs late does not shorten what others have prolonged further: %s',
    async (late) => {
      const { store, prefix, faulty } = open();
      const longer = open({ prefix, ttl: 3 * TTL }).store;
      await store.commit('a', creation('c1', users(30)));
      now += 29 * DAY;
      await store.commit('a', { changeId: 'c2', life: 'c1' });
      now += 2 * DAY;
      faulty.next(late, async (pass) => {
        await longer.commit('a', { changeId: 'c3', life: 'c1' });
        return pass();
      });
      await store.commit('a', { changeId: 'c4', life: 'c1' });
      expect(faulty.isDone).toBe(true);
      await longer.commit('a', { changeId: 'c5', life: 'c1' });
      const { header, rows } = await expiries(prefix, 'a');
      expect(header).toBeGreaterThanOrEqual(now + 3 * TTL + MARGIN);
      expect(rows).toBeGreaterThanOrEqual(header);
    },
  );

  test('a purge meanwhile does not bring rows back', async () => {
    const { store, prefix, faulty } = open();
    const other = open({ prefix }).store;
    await store.commit('a', creation('c1', users(10)));
    now += 25 * DAY;
    await store.commit('a', { changeId: 'touch', life: 'c1' });
    now += 25 * DAY;
    faulty.next('UpdateItem', async (pass) => {
      await other.delete('a');
      return pass();
    });
    expect(await errorOf(appendTo(store, 'a', 'c2', user('x')))).toMatchObject({ code: 'NOT_FOUND' });
    expect((await itemsIn(prefix, 'a')).map((item) => item.sk.S)).toEqual(['header']);
  });

  test('without a ttl nothing expires any more, and with one again everything does', async () => {
    const { store, prefix } = open();
    await store.commit('a', creation('c1', users(3)));
    await appendTo(open({ prefix, ttl: undefined }).store, 'a', 'c2', user('x'));
    expect(await expiries(prefix, 'a')).toEqual({ header: Number.POSITIVE_INFINITY, rows: Number.POSITIVE_INFINITY });
    await appendTo(store, 'a', 'c3', user('y'));
    const { header, rows } = await expiries(prefix, 'a');
    expect(header).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(rows).toBeGreaterThanOrEqual(header);
    for (const item of await itemsIn(prefix, 'a')) expect(item).toHaveProperty('ttl');
  });

  test('a session of which only rows are left is not there, and a new one has nothing of them', async () => {
    const { store, prefix } = open({ ttl: 1_000 });
    await store.commit('a', { ...creation('c1', users(5)), state: { base: null, value: 1 } });
    now += 2_000;
    expect(await store.get('a')).toBeUndefined();
    await store.commit('a', creation('c2', users(1)));
    expect(await textsOf(store, 'a')).toEqual(['m0']);
    expect((await itemsIn(prefix, 'a')).map((item) => item.sk.S)).toHaveLength(2);
  });

  test('a large change that took long is given the time that the session has by then', async () => {
    const { store, prefix, faulty } = open();
    const other = open({ prefix }).store;
    await store.commit('a', creation('c1', users(3)));
    const change = await changeOfMain(store, 'a', 'c2', { append: users(150, 3) });
    faulty.next('TransactWriteItems', async (pass) => {
      for (let step = 0; step < 4; step++) {
        now += 20 * DAY;
        await other.commit('a', { changeId: `touch${step}`, life: 'c1' });
      }
      return pass();
    });
    await store.commit('a', change);
    const { header, rows } = await expiries(prefix, 'a');
    expect(rows).toBeGreaterThanOrEqual(header);
    expect(await textsOf(store, 'a')).toHaveLength(153);
  });

  test('a large change whose rows come after others have prolonged theirs gets the new time too', async () => {
    const { store, prefix, faulty } = open();
    const other = open({ prefix }).store;
    await store.commit('a', creation('c1', users(3)));
    now += 29 * DAY;
    await other.commit('a', { changeId: 'touch', life: 'c1' });
    const change = await changeOfMain(store, 'a', 'c2', { append: users(150, 3) });
    faulty.next('BatchWriteItem', (pass) => pass()); // the record
    faulty.next('BatchWriteItem', async (pass) => {
      now += 20 * DAY;
      await other.commit('a', { changeId: 'prolonging', life: 'c1' });
      return pass();
    });
    await store.commit('a', change);
    const { header, rows } = await expiries(prefix, 'a');
    expect(rows).toBeGreaterThanOrEqual(header);
    expect(await textsOf(store, 'a')).toHaveLength(153);
  });

  test('DynamoDB itself removes all of an expired session, and leaves what is alive', async ({ skip }) => {
    if (process.env.DYNAMODB_ENDPOINT) skip('the server of DYNAMODB_ENDPOINT may take days');
    // A server of its own: DynamoDB Local looks at 20 items each 10 seconds, and at few tables at a time.
    const server = await startDynamodb();
    try {
      const table = 'native';
      const prefix = freshPrefix();
      const openNative = (ttl: number) => open({ client: newClient(server.url), table, prefix, ttl });
      await createTableWithoutIndexes(server.url, table);
      now = Date.now() - 2 * MARGIN;
      const expired = openNative(60_000);
      const living = openNative(4 * MARGIN);
      await living.store.commit('alive', creation('c1', users(3)));
      await expired.store.commit('gone', { ...creation('c1', users(8)), state: { base: null, value: 1 } });
      await expired.store.commit('deleted', creation('c1', users(3)));
      await expired.store.delete('deleted');
      const left = async (sessionId: string) => (await itemsIn(prefix, sessionId, table, server.url)).length;
      await expect.poll(() => left('gone'), { timeout: 60_000, interval: 100 }).toBe(0);
      await expect.poll(() => left('deleted'), { timeout: 60_000, interval: 100 }).toBe(0);
      expect(await textsOf(living.store, 'alive')).toEqual(['m0', 'm1', 'm2']);
    } finally {
      now = Date.now();
      await server.stop();
    }
  }, 150_000);
});

/** With an index, DynamoDB Local keeps the items that are not in it. DynamoDB does not. */
async function createTableWithoutIndexes(endpoint: string, table: string): Promise<void> {
  const client = newClient(endpoint);
  const { GlobalSecondaryIndexes: _, ...definition } = tableDefinition(table);
  const keys = definition.KeySchema?.map(({ AttributeName: name }) => name);
  const AttributeDefinitions = definition.AttributeDefinitions?.filter(({ AttributeName: name }) =>
    keys?.includes(name),
  );
  await client.send(new CreateTableCommand({ ...definition, AttributeDefinitions }));
  const TimeToLiveSpecification = { AttributeName: 'ttl', Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification }));
  client.destroy();
}
