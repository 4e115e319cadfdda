import { fork } from 'node:child_process';
import { once } from 'node:events';
import { textsOf } from '@sess/store-tests/session';
import { expect, test } from 'vitest';
import { testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

const PROCESSES = 4;
const TURNS = 50;
const HOUR = 3_600_000;

/** Lets processes append turns at the same time, `thread` and clock by their number. Resolves once all have ended. */
async function run(folder: string, threadOf: (process: number) => string, ahead: (process: number) => number) {
  const children = Array.from({ length: PROCESSES }, (_, index) =>
    fork(
      new URL('./support/turn-writer.ts', import.meta.url),
      [folder, `p${index}`, threadOf(index), String(TURNS), String(ahead(index))],
      { execArgv: [] },
    ),
  );
  const ended = children.map((child) => once(child, 'exit'));
  await Promise.all(children.map((child) => once(child, 'message')));
  for (const child of children) child.send('go');
  expect((await Promise.all(ended)).map(([code]) => code)).toEqual(children.map(() => 0));
}

/** The turns of one process, as they must stand in a thread. */
function turnsOf(index: number): string[] {
  return Array.from({ length: TURNS }, (_, turn) => [`p${index}.${turn} question`, `p${index}.${turn} answer`]).flat();
}

test.each([
  ['with one clock', () => 0],
  ['one of them with a clock that is an hour ahead', (index: number) => (index === 0 ? HOUR : 0)],
])('four processes append 50 turns each to one thread, %s', { timeout: 60_000 }, async (_, ahead) => {
  const folder = testFolder();
  await run(folder, () => 'main', ahead);
  const texts = textsOf(await openStore({ folder }).get('shared'));
  expect(texts).toHaveLength(PROCESSES * TURNS * 2);
  for (let index = 0; index < PROCESSES; index++) {
    expect(texts.filter((text) => text.startsWith(`p${index}.`))).toEqual(turnsOf(index));
  }
  for (let turn = 0; turn < texts.length; turn += 2) {
    expect(texts[turn + 1]).toBe(texts[turn]?.replace('question', 'answer'));
  }
});

test('four processes append 50 turns each to threads of their own', { timeout: 60_000 }, async () => {
  const folder = testFolder();
  await run(
    folder,
    (index) => `thread ${index}`,
    () => 0,
  );
  const record = await openStore({ folder }).get('shared');
  expect(Object.keys(record?.lengths ?? {}).sort()).toEqual(['thread 0', 'thread 1', 'thread 2', 'thread 3']);
  for (let index = 0; index < PROCESSES; index++) expect(textsOf(record, `thread ${index}`)).toEqual(turnsOf(index));
});
