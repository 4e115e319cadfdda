import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { append, appending, message, settingState, textsOf } from '@sess/store-tests/session';
import { expect, test } from 'vitest';
import { countBytes } from './support/count-bytes.ts';
import { journalPath, testFolder } from './support/folder.ts';
import { holdBack, holdBackWrite } from './support/gate.ts';
import { openStore } from './support/open-store.ts';

const MEGABYTE = 1_048_576;

function generation(folder: string): number {
  return Number(basename(journalPath(folder)).split('-')[0]);
}

test('a file stays below twice what is alive and a megabyte, however often the state is replaced', async () => {
  const folder = testFolder();
  const store = openStore({ folder, fsync: 'never' });
  await append(store, 'a', [message('kept', 1000)]);
  const bytes = await countBytes();
  for (let round = 0; round < 100; round++) {
    await store.commit('a', settingState(await store.get('a', { last: 0 }), `${round}`.padEnd(100_000, '.')));
    expect(statSync(journalPath(folder)).size).toBeLessThan(2 * 101_000 + MEGABYTE + 200_000);
  }
  expect(generation(folder)).toBeGreaterThan(4);
  expect(bytes.written).toBeLessThan(1.3 * 100 * 100_000);
  const record = await openStore({ folder }).get('a');
  expect(textsOf(record)).toEqual(['kept']);
  expect(record).toEqual(await store.get('a'));
});

test('appending alone never compacts', async () => {
  const folder = testFolder();
  const store = openStore({ folder, fsync: 'never' });
  for (let round = 0; round < 400; round++)
    await append(store, 'a', [message(`m${round}`, round % 7 === 0 ? 40_000 : 10)]);
  expect(statSync(journalPath(folder)).size).toBeGreaterThan(2 * MEGABYTE);
  expect(generation(folder)).toBe(1);
});

test('everything is the same after compaction, for those who had the old file open too', async () => {
  const folder = testFolder();
  const [writer, other] = [openStore({ folder }), openStore({ folder })];
  await writer.commit('a', {
    ...appending(undefined, [message('one', 50_000), message('two')]),
    owner: 'me',
    metadata: { title: 'T' },
  });
  await append(writer, 'a', [message('side')], '__proto__');
  await append(
    writer,
    'a',
    Array.from({ length: 30 }, (_, index) => message(`cut ${index}`, 60_000)),
  );
  const record = await other.get('a');
  const change = appending(record, [message('three')]);
  const thread = change.threads?.main;
  if (thread) thread.keep = 2;
  await writer.commit('a', change);
  expect(generation(folder)).toBe(2);
  expect(statSync(journalPath(folder)).size).toBeLessThan(70_000);
  for (const reader of [writer, other, openStore({ folder })]) {
    const found = await reader.get('a');
    expect(textsOf(found)).toEqual(['one', 'two', 'three']);
    expect(textsOf(found, '__proto__')).toEqual(['side']);
    expect(found).toMatchObject({ owner: 'me', metadata: { title: 'T' }, life: record?.life, changes: 4 });
    expect(textsOf(await reader.get('a', { last: 1 }))).toEqual(['three']);
  }
  // The ids of earlier changes are known in the new file too.
  await other.commit('a', { ...change, retry: true });
  await append(other, 'a', [message('four')]);
  expect(textsOf(await writer.get('a'))).toEqual(['one', 'two', 'three', 'four']);
});

test('writers who meet a sealed file finish the compaction of one who does not', async () => {
  const folder = testFolder();
  const [stuck, other] = [openStore({ folder }), openStore({ folder })];
  await append(stuck, 'a', [message('kept')]);
  const gate = holdBack('rename');
  const compacting = (async () => {
    for (let round = 0; round < 4; round++) {
      await stuck.commit('a', settingState(await stuck.get('a'), `${round}`.padEnd(400_000, '.')));
    }
  })();
  await gate.reached;
  expect(textsOf(await other.get('a'))).toEqual(['kept']);
  await append(other, 'a', [message('meanwhile')]);
  await append(other, 'a', [message('and more')]);
  gate.release();
  await compacting;
  for (const reader of [stuck, other, openStore({ folder })]) {
    expect(textsOf(await reader.get('a'))).toEqual(['kept', 'meanwhile', 'and more']);
  }
  expect(generation(folder)).toBe(2);
  expect(readdirSync(folder)).toEqual(['a']);
});

test('two that compact at the same time agree on one successor', async () => {
  const folder = testFolder();
  const [slow, quick] = [openStore({ folder }), openStore({ folder })];
  await append(slow, 'a', [message('kept')]);
  const gate = await holdBackWrite('"next"');
  const compacting = (async () => {
    for (let round = 0; round < 4; round++) {
      await slow.commit('a', settingState(await slow.get('a'), `${round}`.padEnd(400_000, '.')));
    }
  })();
  await gate.reached;
  await append(quick, 'a', [message('meanwhile')]);
  gate.release();
  await compacting;
  await append(slow, 'a', [message('after')]);
  for (const reader of [slow, quick, openStore({ folder })]) {
    expect(textsOf(await reader.get('a'))).toEqual(['kept', 'meanwhile', 'after']);
  }
  expect(generation(folder)).toBe(2);
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a reader in the middle is not disturbed by a compaction', async () => {
  const folder = testFolder();
  const [writer, reader] = [openStore({ folder }), openStore({ folder })];
  await append(writer, 'a', [message('one', 500_000), message('two', 500_000)]);
  const reading = Promise.all(Array.from({ length: 20 }, () => reader.get('a')));
  for (let round = 0; round < 4; round++)
    await writer.save('a', { threads: { main: [message(`save ${round}`, 600_000)] } });
  for (const record of await reading)
    expect([['one', 'two'], ['save 0'], ['save 1'], ['save 2'], ['save 3']]).toContainEqual(textsOf(record));
  expect(generation(folder)).toBeGreaterThan(1);
  expect(textsOf(await reader.get('a'))).toEqual(['save 3']);
});
