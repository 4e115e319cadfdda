import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { seededRandom } from '@sess/store-tests/seeded-random';
import { append, message, textsOf } from '@sess/store-tests/session';
import { expect, test } from 'vitest';
import { journalPaths, testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

const ROUNDS = 200;
const WRITERS = 3;
const SEED = 20_261_121;

test(`${ROUNDS} kills of writers lose nothing that was acknowledged`, { timeout: 120_000 }, async () => {
  const folder = testFolder();
  const random = seededRandom(SEED);
  const acknowledged: string[] = [];
  const failures: string[] = [];
  let onAcknowledged = () => {};

  const start = (name: string) => {
    const child = fork(
      new URL('./support/kill-writer.ts', import.meta.url),
      [folder, name, String(random.below(2 ** 31))],
      {
        stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'ipc'],
        execArgv: [],
      },
    );
    child.stderr?.on('data', (text) => failures.push(String(text)));
    const lines = createInterface(child.stdio[3] as Readable);
    lines.on('line', (text) => {
      acknowledged.push(text);
      onAcknowledged();
    });
    const ended = Promise.all([once(child, 'exit'), once(lines, 'close')]);
    return { child, ended };
  };
  const acknowledgements = (count: number) =>
    new Promise<void>((resolve) => {
      const enough = acknowledged.length + count;
      onAcknowledged = () => {
        if (acknowledged.length >= enough || failures.length > 0) resolve();
      };
      onAcknowledged();
    });

  const writers = Array.from({ length: WRITERS }, (_, index) => start(`w${index}`));
  for (let round = 0; round < ROUNDS && failures.length === 0; round++) {
    await acknowledgements(random.below(8));
    // Not always right after an acknowledgement, but somewhere in what follows it.
    for (let turn = random.below(400); turn > 0; turn--) await new Promise(setImmediate);
    const victim = random.below(WRITERS);
    const writer = writers[victim] as ReturnType<typeof start>;
    writer.child.kill('SIGKILL');
    await writer.ended;
    writers[victim] = start(`r${round}`);
    if (round % 20 === 0)
      expect((await openStore({ folder }).get('shared', { last: 1 }))?.id ?? 'shared').toBe('shared');
  }
  for (const { child } of writers) child.kill('SIGKILL');
  await Promise.all(writers.map(({ ended }) => ended));
  expect(failures).toEqual([]);

  const store = openStore({ folder });
  const record = await store.get('shared');
  const present = [...((record?.state as string[] | undefined) ?? []), ...textsOf(record)];
  console.log(
    `seed ${SEED}: ${ROUNDS} kills, ${acknowledged.length} acknowledged, ${present.length} present, ${journalPaths(folder)}`,
  );
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  expect(new Set(present).size).toBe(present.length);
  expect(acknowledged.filter((text) => !present.includes(text))).toEqual([]);
  for (const writer of new Set(present.map((text) => text.split('.')[0]))) {
    const counts = present.filter((text) => text.startsWith(`${writer}.`)).map((text) => Number(text.split('.')[1]));
    expect(counts, writer).toEqual(counts.map((_, index) => index));
  }
  const generation = Number(/(\d+)-[^/]*$/.exec(journalPaths(folder).at(-1) ?? '')?.[1]);
  expect(generation).toBeGreaterThan(3);
  await append(store, 'shared', [message('after')]);
  expect(textsOf(await store.get('shared', { last: 1 }))).toEqual(['after']);
});
