import { append, appending, message, rejection, textsOf } from '@sess/store-tests/session';
import { expect, test } from 'vitest';
import { type AnyDocument, collectionsOf } from './support/collections.ts';
import { freshPrefix, openClient, openStore } from './support/open-store.ts';
import { onServer } from './support/server.ts';

const HOUR_MS = 3_600_000;
const LARGE = 50_000;

onServer('expiry', () => {
  test("is judged and set by the database's clock, whatever this process's says", async ({ onTestFinished }) => {
    const prefix = freshPrefix();
    const store = openStore({ prefix, ttl: HOUR_MS });
    const { expiresAt = 0 } = await store.commit('a', { changeId: 'c1', life: null });
    const realNow = Date.now;
    onTestFinished(() => {
      Date.now = realNow;
    });
    Date.now = () => realNow() + 1000 * HOUR_MS;
    expect(await store.get('a')).toMatchObject({ expiresAt });
    const later = await store.commit('a', { changeId: 'c2', life: 'c1' });
    expect(later.expiresAt).toBeLessThan(expiresAt + HOUR_MS);
    expect((await store.list()).sessions).toHaveLength(1);
    expect(await store.sweep()).toEqual({ removed: 0 });
    expect(await store.get('a')).toBeDefined();
  });

  test('the database removes what has expired by itself, and never before', async () => {
    const prefix = freshPrefix();
    const { sessions } = collectionsOf(prefix);
    const past = openStore({ prefix, ttl: HOUR_MS, clock: () => Date.now() - 10 * HOUR_MS });
    await past.save('gone', { state: 1 });
    const present = openStore({ prefix, ttl: HOUR_MS });
    await present.save('here', { state: 1 });
    await openClient().db('admin').command({ setParameter: 1, ttlMonitorSleepSecs: 1 });
    await expect.poll(() => sessions.countDocuments({ _id: 'gone' }), { timeout: 90_000, interval: 100 }).toBe(0);
    expect(await present.get('here')).toBeDefined();
  }, 100_000);

  test('a document is never purged before its session expires', async () => {
    const prefix = freshPrefix();
    const { sessions } = collectionsOf(prefix);
    let now = Date.now();
    const store = openStore({ prefix, ttl: HOUR_MS, clock: () => now });
    await store.commit('a', { changeId: 'c0', life: null });
    for (let index = 1; index <= 40; index += 1) {
      now += HOUR_MS / 4;
      if (index === 20) await append(store, 'a', [message('long', LARGE)]);
      const { expiresAt = 0 } = await store.commit('a', { changeId: `c${index}`, life: 'c0' });
      const { purgeAt, sweepAt } = (await sessions.findOne({ _id: 'a' })) as AnyDocument;
      expect(expiresAt).toBe(now + HOUR_MS);
      expect((purgeAt ?? sweepAt).getTime()).toBeGreaterThan(expiresAt);
      expect(purgeAt === undefined).toBe(index >= 20); // with segments, a sweep has to come first
    }
  });

  test.each([4e15, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE])(
    'a session with a ttl of %d is not purged',
    async (ttl) => {
      const prefix = freshPrefix();
      const { sessions } = collectionsOf(prefix);
      const store = openStore({ prefix, ttl });
      await store.commit('a', { changeId: 'c1', life: null });
      const writes = [
        () => append(store, 'a', [message('short')]),
        () => store.save('a', { state: 1 }),
        () => append(store, 'a', [message('long', LARGE)]),
      ];
      for (const write of writes) {
        await write();
        const { purgeAt, sweepAt } = (await sessions.findOne({ _id: 'a' })) as AnyDocument;
        expect((purgeAt ?? sweepAt).getTime()).toBeGreaterThan(Date.now() + 4e15);
        await store.sweep();
        expect(await store.get('a')).toBeDefined();
        expect((await store.list()).sessions).toHaveLength(1);
      }
    },
  );

  test('keeping a session alive costs one command, but once in each ttl', async () => {
    const prefix = freshPrefix();
    let now = Date.now();
    const client = openClient();
    const store = openStore({ prefix, client, ttl: HOUR_MS, clock: () => now });
    await store.commit('a', { changeId: 'c0', life: null });
    let commands = 0;
    client.on('commandStarted', () => {
      commands += 1;
    });
    for (let index = 1; index <= 120; index += 1) {
      now += HOUR_MS / 60;
      await store.commit('a', { changeId: `c${index}`, life: 'c0' });
    }
    expect(commands).toBeLessThanOrEqual(120 + 2 * 2);
  });

  test('an expired session goes whole, with its segments', async () => {
    const prefix = freshPrefix();
    const { sessions, segments } = collectionsOf(prefix);
    let now = Date.now();
    const store = openStore({ prefix, ttl: HOUR_MS, clock: () => now });
    for (const id of ['a', 'b']) {
      await store.save(id, {
        state: 'x'.repeat(LARGE),
        threads: { main: [message('one', LARGE), message('two', LARGE)] },
      });
    }
    expect(await segments.countDocuments()).toBe(4);
    now += HOUR_MS - 1;
    await append(store, 'b', [message('three')]);
    const life = (await store.get('a'))?.life ?? null;
    expect(life).not.toBeNull();
    now += 1;
    expect(await store.get('a')).toBeUndefined();
    expect(await store.get('a', { last: 0 })).toBeUndefined();
    expect((await store.list()).sessions.map(({ id }) => id)).toEqual(['b']);
    expect(await rejection(store.commit('a', { changeId: 'c9', life }))).toMatchObject({ code: 'NOT_FOUND' });

    now += 3 * HOUR_MS;
    const threads = { main: { base: null, keep: 0, append: [message('again', LARGE)] } };
    await store.commit('b', { changeId: 'd1', life: null, threads });
    await store.sweep();
    expect(await segments.distinct('session')).toEqual(['b']);
    expect(textsOf(await store.get('b'))).toEqual(['again']);
    expect(await segments.countDocuments()).toBe(1);
    now += 2 * HOUR_MS;
    await store.sweep();
    expect(await sessions.countDocuments({ _id: 'a' })).toBe(0);
  });

  test('a session that is used with another ttl, or with none, expires accordingly', async () => {
    const prefix = freshPrefix();
    const { sessions } = collectionsOf(prefix);
    const clock = () => 1_800_000_000_000;
    const [hour, day, never] = [HOUR_MS, 24 * HOUR_MS, undefined].map((ttl) => openStore({ prefix, ttl, clock }));
    await never?.commit('a', { changeId: 'c0', life: null });
    for (const [store, ttl] of [
      [hour, HOUR_MS],
      [day, 24 * HOUR_MS],
      [hour, HOUR_MS],
    ] as const) {
      const record = await store?.get('a');
      await store?.commit('a', appending(record, [message('more')]));
      expect(await never?.get('a')).toMatchObject({ expiresAt: clock() + ttl });
    }
    await never?.commit('a', { changeId: 'c9', life: 'c0' });
    expect(await hour?.get('a')).not.toHaveProperty('expiresAt');
    const document = await sessions.findOne({ _id: 'a' });
    expect(document).not.toHaveProperty('purgeAt');
    expect(document).not.toHaveProperty('ttl');
  });

  test('the trace of a deleted session holds no content, and goes after an hour', async () => {
    const prefix = freshPrefix();
    const { sessions, segments } = collectionsOf(prefix);
    let now = Date.now();
    const store = openStore({ prefix, clock: () => now });
    const secret = message('kumquat', LARGE);
    const change = {
      changeId: 'c1',
      life: null,
      metadata: { title: 'kumquat' },
      state: { base: null, value: 'kumquat' },
      threads: { main: { base: null, keep: 0, append: [secret, secret, message('kumquat')] } },
    };
    await store.commit('a', change);
    expect(await store.delete('a')).toBe(true);
    expect(await segments.countDocuments()).toBe(0);
    expect(JSON.stringify(await sessions.findOne({ _id: 'a' }))).not.toContain('kumquat');
    expect(await rejection(store.commit('a', { ...change, retry: true }))).toMatchObject({ code: 'NOT_FOUND' });
    await store.sweep();
    expect(await sessions.countDocuments()).toBe(1);
    now += HOUR_MS;
    await store.sweep();
    expect(await sessions.countDocuments()).toBe(0);
  });
});
