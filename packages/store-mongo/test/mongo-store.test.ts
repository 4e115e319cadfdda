import { mongoStore } from '@sess/store-mongo';
import { append, appending, message, rejection, textsOf } from '@sess/store-tests/session';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { type CommandStartedEvent, MongoClient, ReadPreference } from 'mongodb';
import { expect, onTestFinished, test } from 'vitest';
import { collectionsOf } from './support/collections.ts';
import { freshPrefix, openClient, openStore } from './support/open-store.ts';
import { onServer, server } from './support/server.ts';

test('options that make no sense are refused', () => {
  const url = 'mongodb://127.0.0.1:1';
  const client = new MongoClient(url);
  for (const options of [
    {},
    { url, client },
    { url: 'not a url' },
    { url, prefix: '$' },
    { url, prefix: 7 as never },
    { url, timeoutMs: 0 },
    { url, timeoutMs: Number.NaN },
    { url, timeoutMs: 2 ** 31 },
    { url, ttl: -1 },
  ]) {
    expect(() => mongoStore(options)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  }
});

onServer('the store', () => {
  test('setup creates what is missing, as often as it is called, and from several at once', async () => {
    const prefix = freshPrefix();
    const { sessions, segments } = collectionsOf(prefix);
    await Promise.all([1, 2, 3].map(() => openStore({ prefix, createIndexes: false }).setup()));
    await openStore({ prefix }).setup();
    const names = (await sessions.indexes()).map(({ name }) => name).sort();
    expect(names).toEqual([
      '_id_',
      'createdAt_-1__id_1',
      'garbage_1',
      'owner_1_createdAt_-1__id_1',
      'owner_1_updatedAt_-1__id_1',
      'purgeAt_1',
      'sweepAt_1',
      'updatedAt_-1__id_1',
    ]);
    expect(await sessions.indexes()).toContainEqual(
      expect.objectContaining({ key: { purgeAt: 1 }, expireAfterSeconds: 0 }),
    );
    expect(await segments.indexes()).toHaveLength(3);
  });

  test('without createIndexes the store works, and creates none', async () => {
    const prefix = freshPrefix();
    const store = openStore({ prefix, createIndexes: false });
    await append(store, 'a', [message('one')]);
    expect(textsOf(await store.get('a'))).toEqual(['one']);
    expect(await collectionsOf(prefix).sessions.indexes()).toHaveLength(1);
  });

  test('stores of other prefixes and databases are apart', async () => {
    const prefix = freshPrefix();
    const store = openStore({ prefix });
    await store.save('a', { state: 1 });
    expect(await openStore({ prefix: `${prefix}x` }).get('a')).toBeUndefined();
    expect(await openStore({ prefix, database: 'tests_too' }).get('a')).toBeUndefined();
    expect(await openStore({ prefix }).get('a')).toBeDefined();
  });

  test("the caller's client keeps its settings to itself", async () => {
    const client = new MongoClient(server.url, {
      monitorCommands: true,
      promoteLongs: false,
      promoteValues: false,
      ignoreUndefined: true,
      readPreference: ReadPreference.SECONDARY_PREFERRED,
      writeConcern: { w: 1 },
    });
    onTestFinished(() => client.close());
    const commands: CommandStartedEvent[] = [];
    client.on('commandStarted', (event: CommandStartedEvent) => commands.push(event));
    const store = openStore({ prefix: freshPrefix(), client, ttl: 60_000 });
    await append(store, 'a', [message('one')]);
    for (const text of ['two', 'three']) await append(store, 'a', [message(text, 30_000)]);
    expect(await store.get('a')).toMatchObject({ changes: 3, lengths: { main: 3 } });
    expect((await store.list()).sessions).toMatchObject([{ id: 'a', lengths: { main: 3 } }]);
    const writes = commands.filter(({ commandName }) => commandName === 'findAndModify');
    expect(writes).toHaveLength(3);
    for (const { command } of writes) expect(command.writeConcern).toEqual({ w: 'majority', j: true });
    const reads = commands.filter(({ command }) => command.aggregate && command.readConcern?.level === 'majority');
    expect(reads.length).toBeGreaterThanOrEqual(4);
    for (const { command } of reads) expect(command.$readPreference?.mode ?? 'primary').toMatch(/^primary/);
  });

  test('what is acknowledged without a write is what a majority has', async () => {
    const client = openClient();
    const store = openStore({ prefix: freshPrefix(), client });
    await append(store, 'a', [message('one')]);
    const large = appending(await store.get('a'), [message('two', 60_000)]);
    await store.commit('a', large);
    const commands: CommandStartedEvent[] = [];
    client.on('commandStarted', (event: CommandStartedEvent) => commands.push(event));
    await store.commit('a', { ...large, retry: true });
    expect(await store.delete('b')).toBe(false);
    const looks = commands.map(({ commandName, command }) => [commandName, command.readConcern?.level]);
    const confirmed = [
      ['aggregate', 'local'],
      ['aggregate', 'majority'],
    ];
    expect(looks).toEqual([...confirmed, ...confirmed]);
  });

  test('objects in the place of ids get nowhere near a query', async () => {
    const proxy = await FaultProxy.start(server.url);
    onTestFinished(() => proxy.stop());
    const store = openStore({ prefix: freshPrefix(), client: openClient(proxy.through(server.url)) });
    await store.save('a', { state: 1 });
    const commands = proxy.bytes.toServer;
    for (const id of [{ $gt: '' }, { $ne: null }, /a/, ['a'], 7, null, undefined] as never[]) {
      expect(await rejection(store.get(id))).toMatchObject({ code: 'INVALID_ID' });
      expect(await rejection(store.save(id, {}))).toMatchObject({ code: 'INVALID_ID' });
      expect(await rejection(store.delete(id))).toMatchObject({ code: 'INVALID_ID' });
      expect(await rejection(store.commit(id, { changeId: 'c', life: null }))).toMatchObject({ code: 'INVALID_ID' });
      if (id !== undefined) expect(await rejection(store.list({ owner: id }))).toMatchObject({ code: 'INVALID_ID' });
      if (id !== null)
        expect(await rejection(store.commit('a', { changeId: 'c', life: id }))).toMatchObject({ code: 'INVALID_ID' });
    }
    expect(proxy.bytes.toServer).toBe(commands);
  });

  test('ids, threads and keys that mean something to MongoDB are ordinary', async () => {
    const store = openStore({ prefix: freshPrefix(), ttl: 60_000 });
    const names = ['$$ROOT', '$name', 'a.b', '0', '__proto__', 'constructor', 'x\0y', '$literal', 'tails', '_id', ' '];
    for (const id of names) {
      const part = { base: null, keep: 0, append: [message(`${id} one`, 25_000), message(`${id} two`, 25_000)] };
      await store.commit(id, {
        changeId: id,
        life: null,
        owner: id,
        state: { base: null, value: Object.fromEntries([[id, id]]) },
        threads: Object.fromEntries([[id, part]]),
        metadata: Object.fromEntries([
          [id, { [id]: id }],
          ['', '$now'],
        ]),
      });
      const record = await store.get(id);
      const more = appending(record, [message('three', 45_000)], id);
      await store.commit(id, { ...more, changeId: `${id}${id}`, metadata: { '$a.b': '$a.b' } });
    }
    await store.sweep();
    for (const id of names) {
      const record = await store.get(id);
      expect(textsOf(record, id)).toEqual([`${id} one`, `${id} two`, 'three'].map((text) => text.trimEnd()));
      expect(record).toMatchObject({
        life: id,
        owner: id,
        versions: { threads: Object.fromEntries([[id, `${id}${id}`]]) },
      });
      expect(record?.state).toEqual(Object.fromEntries([[id, id]]));
      expect(Object.keys(record?.metadata ?? {}).sort()).toEqual(['', '$a.b', id].sort());
      expect(textsOf(await store.get(id, { last: 1, threads: [id] }), id)).toEqual(['three']);
      expect((await store.list({ owner: id })).sessions.map((it) => it.id)).toEqual([id]);
    }
    expect((await store.list()).sessions).toHaveLength(names.length);
  });

  test('a change that is repeated is recognised by its id, where nothing else tells', async () => {
    const store = openStore({ prefix: freshPrefix() });
    const turn = { id: 't1', at: 0, leaseMs: 1_000, beat: 0 };
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: [], turn } },
    });
    const beat = { changeId: 'c2', life: 'c1', holds: { main: 't1' } };
    const titled = { changeId: 'c3', life: 'c1', metadata: { title: 'old' } };
    await store.commit('a', beat);
    await store.commit('a', titled);
    await store.commit('a', { changeId: 'c4', life: 'c1', metadata: { title: 'new' } });
    for (const change of [beat, titled]) await store.commit('a', { ...change, retry: true });
    expect(await store.get('a')).toMatchObject({
      changes: 4,
      openTurns: { main: { beat: 1 } },
      metadata: { title: 'new' },
    });
  });
});
