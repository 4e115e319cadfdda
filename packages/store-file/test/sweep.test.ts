import { readdirSync, readFileSync } from 'node:fs';
import { append, appending, message, rejection, textsOf } from '@sess/store-tests/session';
import { expect, test } from 'vitest';
import { journalPaths, testFolder } from './support/folder.ts';
import { holdBack, holdBackWrite } from './support/gate.ts';
import { openStore } from './support/open-store.ts';

const TTL = 1000;
const HOUR = 3_600_000;
const START = 1_800_000_000_000;

/** Stores on one folder whose clock the test moves. */
function setUp(ttl?: number) {
  const folder = testFolder();
  const time = { now: START };
  const open = (ahead = 0) => openStore({ folder, ttl, clock: () => time.now + ahead });
  return { folder, time, open };
}

test('expired sessions are removed, and others stay', async () => {
  const { folder, time, open } = setUp(TTL);
  const store = open();
  await append(store, 'old', [message('o')]);
  time.now += TTL / 2;
  await append(store, 'young', [message('y')]);
  expect(await store.sweep()).toEqual({ removed: 0 });
  time.now += TTL / 2;
  expect(await store.get('old')).toBeUndefined();
  expect(await store.sweep()).toEqual({ removed: 1 });
  expect(readdirSync(folder)).toEqual(['young']);
  expect(textsOf(await store.get('young'))).toEqual(['y']);
  expect(await store.sweep()).toEqual({ removed: 0 });
});

test('what is deleted leaves the disk at once but for its id, and that after an hour', async () => {
  const { folder, time, open } = setUp();
  const store = open();
  const change = { ...appending(undefined, [message('secret')]), owner: 'secret', metadata: { title: 'secret' } };
  await store.commit('a', change);
  await store.delete('a');
  expect(
    journalPaths(folder)
      .map((path) => readFileSync(path, 'utf8'))
      .join(),
  ).not.toContain('secret');
  time.now += HOUR - 1;
  expect(await store.sweep()).toEqual({ removed: 0 });
  expect(await rejection(open().commit('a', { ...change, retry: true }))).toMatchObject({ code: 'NOT_FOUND' });
  time.now += 1;
  expect(await store.sweep()).toEqual({ removed: 1 });
  expect(readdirSync(folder)).toEqual([]);
});

test('a session is created again on what a deleted or an expired one left', async () => {
  const { time, open } = setUp(TTL);
  const store = open();
  for (const end of [() => store.delete('a'), () => (time.now += 2 * TTL)]) {
    await append(store, 'a', [message('before')]);
    const life = (await store.get('a'))?.life;
    await end();
    await append(store, 'a', [message('after')]);
    for (const reader of [store, open()]) {
      expect(textsOf(await reader.get('a'))).toEqual(['after']);
      expect((await reader.get('a'))?.life).not.toBe(life);
    }
    expect(await store.sweep()).toEqual({ removed: 0 });
    expect(await store.delete('a')).toBe(true);
  }
});

test('many that sweep at once remove each session once', async () => {
  const { folder, time, open } = setUp(TTL);
  const stores = [open(), open(), open(), open()];
  const ids = Array.from({ length: 40 }, (_, index) => `s${index}`);
  for (const id of ids) await append(stores[0] as (typeof stores)[0], id, [message(id)]);
  time.now += TTL;
  const results = await Promise.all(stores.map((store) => store.sweep()));
  expect(results.reduce((sum, { removed }) => sum + removed, 0)).toBe(ids.length);
  expect(readdirSync(folder)).toEqual([]);
});

test('what is created again while others sweep stays', async () => {
  const { time, open } = setUp(TTL);
  const writers = [open(), open()];
  const sweepers = [open(), open()];
  const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);
  for (let round = 0; round < 10; round++) {
    for (const id of ids) await writers[0]?.save(id, { threads: { main: [message(`old ${round}`)] } });
    time.now += TTL;
    await Promise.all([
      ...sweepers.map((store) => store.sweep()),
      ...ids.map(async (id, index) => {
        const writer = writers[index % 2] as (typeof writers)[0];
        await append(writer, id, [message(`new ${round}`)]);
        await append(writer, id, [message(`more ${round}`)]);
      }),
    ]);
    for (const id of ids) expect(textsOf(await open().get(id))).toEqual([`new ${round}`, `more ${round}`]);
  }
});

test.each(['unlink', 'rmdir'] as const)(
  'a sweep that is slow to %s removes nothing that was created since',
  async (name) => {
    const { time, open } = setUp(TTL);
    const [sweeper, other] = [open(), open()];
    await append(other, 'a', [message('old')]);
    time.now += TTL;
    const gate = holdBack(name);
    const sweeping = sweeper.sweep();
    await gate.reached;
    await append(other, 'a', [message('new')]);
    gate.release();
    expect(await sweeping).toEqual({ removed: 1 });
    for (const reader of [other, sweeper, open()]) expect(textsOf(await reader.get('a'))).toEqual(['new']);
    await append(other, 'a', [message('newer')]);
    expect(textsOf(await open().get('a'))).toEqual(['new', 'newer']);
  },
);

test('a creation that is slow finds what was created meanwhile', async () => {
  const { open } = setUp();
  const [slow, quick] = [open(), open()];
  const gate = holdBack('rename');
  const creating = slow.commit('a', appending(undefined, [message('slow')]));
  await gate.reached;
  await append(quick, 'a', [message('quick')]);
  gate.release();
  expect(await rejection(creating)).toMatchObject({ code: 'ALREADY_EXISTS' });
  expect(textsOf(await slow.get('a'))).toEqual(['quick']);
});

test('a write behind the end of a swept file is not acknowledged', async () => {
  const { folder, open } = setUp(TTL);
  const [ahead, here] = [open(TTL), open()];
  await append(here, 'a', [message('old')]);
  const record = await here.get('a');
  // By the sweeper's clock it has expired; by the writer's, which has the file open, it has not.
  expect(await ahead.sweep()).toEqual({ removed: 1 });
  expect(await rejection(here.commit('a', appending(record, [message('lost?')])))).toMatchObject({ code: 'NOT_FOUND' });
  expect(readdirSync(folder)).toEqual([]);
  await here.save('a', { threads: { main: [message('new')] } });
  expect(textsOf(await open().get('a'))).toEqual(['new']);
});

test('a sweep whose condition no longer holds where its line stands removes nothing', async () => {
  const { time, open } = setUp(TTL);
  const [sweeper, other] = [open(), open()];
  await append(other, 'a', [message('old')]);
  time.now += TTL;
  const gate = await holdBackWrite('"gone"');
  const sweeping = sweeper.sweep();
  await gate.reached;
  await append(other, 'a', [message('new')]);
  gate.release();
  expect(await sweeping).toEqual({ removed: 0 });
  expect(textsOf(await open().get('a'))).toEqual(['new']);
});

test('a folder that does not exist has no sessions, and sweeping does not make it', async () => {
  const folder = `${testFolder()}/none`;
  const store = openStore({ folder });
  expect(await store.sweep()).toEqual({ removed: 0 });
  expect(await store.list()).toEqual({ sessions: [] });
  expect(await store.get('a')).toBeUndefined();
  expect(() => readdirSync(folder)).toThrow('ENOENT');
});
