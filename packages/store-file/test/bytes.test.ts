import { readFileSync, statSync } from 'node:fs';
import { append, appending, message, settingState, textsOf } from '@sess/store-tests/session';
import { expect, test, vi } from 'vitest';
import { countBytes, fileMethods } from './support/count-bytes.ts';
import { journalPath, linesOf, testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

const WINDOW_BUDGET = 256 * 1024;

async function tenThousandMessages(folder: string, perChange: number): Promise<void> {
  const store = openStore({ folder, fsync: 'never' });
  for (let from = 0; from < 10_000; from += perChange) {
    await append(
      store,
      'long',
      Array.from({ length: perChange }, (_, index) => message(`m${from + index}`, 1000)),
    );
  }
  await store.close();
}

test('a turn writes what it weighs, whatever the history weighs', { timeout: 60_000 }, async () => {
  const folder = testFolder();
  const store = openStore({ folder, fsync: 'never' });
  const bytes = await countBytes();
  const perTurn: number[] = [];
  let content = 0;
  for (let turn = 1; turn <= 1050; turn++) {
    bytes.reset();
    for (const part of [message(`question ${turn}`, 700), message(`answer ${turn}`, 1250)]) {
      content += JSON.stringify(part).length;
      await append(store, 'chat', [part]);
    }
    perTurn.push(bytes.written);
  }
  const mean = (from: number, to: number) => perTurn.slice(from, to).reduce((sum, count) => sum + count) / (to - from);
  console.log(`bytes per turn: turn 10 ${mean(0, 100)}, turn 1,000 ${mean(950, 1050)}`);
  expect(mean(950, 1050) / mean(0, 100)).toBeLessThanOrEqual(1.1);

  const stored = statSync(journalPath(folder)).size;
  console.log(`bytes stored against content: ${(stored / content).toFixed(3)}`);
  expect(stored / content).toBeLessThanOrEqual(1.5);
  expect(perTurn.reduce((sum, count) => sum + count)).toBe(stored);
  await store.close();
});

test('a commit on what was read last is one write and one sync, and reads nothing', async () => {
  const store = openStore({ folder: testFolder() });
  await append(store, 'chat', [message('question')]);
  const change = appending(await store.get('chat'), [message('answer')]);
  const methods = await fileMethods();
  const names = ['write', 'datasync', 'sync', 'read', 'stat'] as const;
  const spies = names.map((name) => vi.spyOn(methods, name));
  await store.commit('chat', change);
  expect(spies.map(({ mock }) => mock.calls.length)).toEqual([1, 1, 0, 0, 0]);
  await store.close();
});

test('a process reads nothing of what it alone has written, checkpoints included', async () => {
  const folder = testFolder();
  const store = openStore({ folder, fsync: 'never' });
  for (const text of ['first', 'second']) await append(store, 'chat', [message(text)]);
  const bytes = await countBytes();
  for (let turn = 0; turn < 100; turn++) await append(store, 'chat', [message(`turn ${turn}`, 2000)]);
  expect(readFileSync(journalPath(folder), 'utf8').match(/\n{"checkpoint":/g)?.length).toBeGreaterThan(1);
  expect(bytes.read).toBe(0);
  await store.close();
});

test.each([1, 100, 10_000])(
  'a window of 10,000 messages, stored %i at a time, reads 256 KB at most',
  async (perChange) => {
    const folder = testFolder();
    await tenThousandMessages(folder, perChange);
    const bytes = await countBytes();
    const windows = [
      { read: { last: 20 }, first: 9980 },
      { read: { last: 20, before: 5000 }, first: 4980 },
      { read: { last: 20, before: 30 }, first: 10 },
      { read: { last: 0 }, first: undefined },
    ];
    for (const { read, first } of windows) {
      const store = openStore({ folder });
      bytes.reset();
      const record = await store.get('long', read);
      console.log(`${JSON.stringify(read)} of 10,000 in changes of ${perChange}: ${bytes.read} bytes read`);
      expect(textsOf(record)[0]).toBe(first === undefined ? undefined : `m${first}`);
      expect(textsOf(record)).toHaveLength(first === undefined ? 0 : 20);
      expect(record?.lengths).toEqual({ main: 10_000 });
      expect(bytes.read).toBeGreaterThan(0);
      expect(bytes.read).toBeLessThanOrEqual(WINDOW_BUDGET);
      await store.close();
    }
  },
);

test('a store that has just been opened appends to and lists a long session without reading it', async () => {
  const folder = testFolder();
  await tenThousandMessages(folder, 100);
  const bytes = await countBytes();
  const store = openStore({ folder });
  const { sessions } = await store.list();
  expect(sessions).toMatchObject([{ id: 'long', lengths: { main: 10_000 } }]);
  await append(store, 'long', [message('one more')]);
  expect(bytes.read).toBeLessThanOrEqual(WINDOW_BUDGET);
  await store.close();

  const whole = await openStore({ folder }).get('long');
  expect(textsOf(whole)).toEqual([...Array.from({ length: 10_000 }, (_, index) => `m${index}`), 'one more']);
});

test('a thread that has long been silent is found without reading what came after it', async () => {
  const folder = testFolder();
  const writer = openStore({ folder, fsync: 'never' });
  await append(writer, 'two', [message('early', 100), message('words', 100)], 'quiet');
  for (let index = 0; index < 40; index++) await append(writer, 'two', [message(`loud ${index}`, 60_000)], 'loud');
  await writer.close();

  const bytes = await countBytes();
  const reader = openStore({ folder });
  expect(textsOf(await reader.get('two', { last: 5, threads: ['quiet'] }), 'quiet')).toEqual(['early', 'words']);
  expect(bytes.read).toBeLessThanOrEqual(WINDOW_BUDGET);
  await reader.close();
});

test('a large state is written when it changes, and never again', async () => {
  const folder = testFolder();
  const store = openStore({ folder, fsync: 'never' });
  const state = { big: 'x'.repeat(1_000_000) };
  await store.commit('big', settingState(undefined, state));
  const bytes = await countBytes();
  for (let index = 0; index < 300; index++) await append(store, 'big', [message(`m${index}`, 1000)]);
  expect(bytes.written).toBeLessThan(600_000);
  const checkpoints = linesOf(journalPath(folder)).filter((line) => 'checkpoint' in line);
  expect(checkpoints.length).toBeGreaterThan(3);
  await store.close();

  const record = await openStore({ folder }).get('big', { last: 3 });
  expect(record?.state).toEqual(state);
  expect(textsOf(record)).toEqual(['m297', 'm298', 'm299']);
});

test('a large change of messages and state together is read back as it was, in part and as a whole', async () => {
  const folder = testFolder();
  const store = openStore({ folder, fsync: 'never' });
  const state = { note: 'y'.repeat(50_000) };
  const change = appending(undefined, [message('a', 40_000), message('b', 10), message('c', 70_000)]);
  await store.commit('mixed', { ...change, state: { base: null, value: state } });
  await append(store, 'mixed', [message('d')]);
  for (const reader of [store, openStore({ folder })]) {
    expect(await reader.get('mixed')).toMatchObject({ state, lengths: { main: 4 } });
    expect(textsOf(await reader.get('mixed'))).toEqual(['a', 'b', 'c', 'd']);
    expect(textsOf(await reader.get('mixed', { last: 2 }))).toEqual(['c', 'd']);
    expect(textsOf(await reader.get('mixed', { last: 2, before: 3 }))).toEqual(['b', 'c']);
  }
  await store.close();
});
