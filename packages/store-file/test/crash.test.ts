import { readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { fileStore } from '@sess/store-file';
import { append, message, settingState, textsOf } from '@sess/store-tests/session';
import { expect, test } from 'vitest';
import { journalPaths, testFolder } from './support/folder.ts';
import { liveUntilCall } from './support/mortal-process.ts';
import { openStore } from './support/open-store.ts';

/** What a process was told before it died: each step is noted once it was acknowledged. */
interface Told {
  started: number;
  acknowledged: number;
}

/** Creates, appends, grows until the journal is compacted, deletes, creates again. */
const steps: ((store: ReturnType<typeof fileStore>) => Promise<unknown>)[] = [
  (store) => append(store, 'a', [message('one')]),
  (store) => append(store, 'a', [message('two')]),
  ...[1, 2, 3, 4].map(
    (round) => async (store: ReturnType<typeof fileStore>) =>
      store.commit('a', settingState(await store.get('a', { last: 0 }), `${round}`.padEnd(500_000, '.'))),
  ),
  (store) => append(store, 'a', [message('three', 80_000)]),
  (store) => store.delete('a'),
  (store) => append(store, 'a', [message('four')]),
  (store) => append(store, 'a', [message('five')]),
];
/** What is there after so many steps. */
const expected = [
  undefined,
  ['one', undefined],
  ['one two', undefined],
  ...['1', '2', '3', '4'].map((state) => ['one two', state]),
  ['one two three', '4'],
  undefined,
  ['four', undefined],
  ['four five', undefined],
];

async function live(folder: string, told: Told): Promise<void> {
  const store = fileStore({ folder, sweepIntervalMs: false });
  for (const step of steps) {
    told.started += 1;
    await step(store);
    told.acknowledged += 1;
  }
  await store.close();
}

function temporaries(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith('.tmp-'));
}

async function seen(folder: string): Promise<unknown> {
  const record = await openStore({ folder }).get('a');
  return record && [textsOf(record).join(' '), (record.state as string | undefined)?.replace(/\.+$/, '')];
}

test.each([
  { torn: false, swept: false },
  { torn: false, swept: true },
  { torn: true, swept: false },
])('a process may die at any moment: %o', { timeout: 60_000 }, async ({ torn, swept }) => {
  const whole = testFolder();
  const calls = await liveUntilCall(Number.POSITIVE_INFINITY, torn, () => live(whole, { started: 0, acknowledged: 0 }));
  expect(await seen(whole)).toEqual(expected.at(-1));
  // Compacted for its dead bytes, and once more when it was deleted.
  expect(calls.filter((name) => name === 'rename')).toHaveLength(3);

  for (const killedAt of calls.keys()) {
    if (torn && calls[killedAt] !== 'write') continue;
    const folder = testFolder();
    const told = { started: 0, acknowledged: 0 };
    await liveUntilCall(killedAt, torn, () => live(folder, told));
    if (swept) {
      for (const name of temporaries(folder)) rmSync(join(folder, name), { recursive: true });
    }
    const about = `killed at call ${killedAt} (${calls[killedAt]}), after ${told.acknowledged} steps`;
    const found = await seen(folder);
    expect([expected[told.acknowledged], expected[told.started]], about).toContainEqual(found);

    await append(openStore({ folder }), 'a', [message('after')]);
    const [texts] = (await seen(folder)) as [string];
    expect(texts, about).toBe([(found as string[] | undefined)?.[0], 'after'].filter(Boolean).join(' '));
    expect(journalPaths(folder, 'a'), about).toHaveLength(1);
    expect(
      readdirSync(folder).filter((name) => !name.startsWith('.tmp-')),
      about,
    ).toEqual(['a']);
  }
});

test('what a process was making when it died is swept after an hour, and nothing else', async () => {
  const folder = testFolder();
  for (const killedAt of [3, 4, 5]) {
    await liveUntilCall(killedAt, false, () => live(folder, { started: 0, acknowledged: 0 }));
  }
  const left = temporaries(folder);
  expect(left.length).toBeGreaterThan(1);
  const store = openStore({ folder });
  await append(store, 'b', [message('b')]);
  await store.sweep();
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(left));

  for (const name of left) utimesSync(join(folder, name), new Date(0), new Date(0));
  expect(await store.sweep()).toEqual({ removed: 0 });
  expect(readdirSync(folder)).toEqual(['b']);
  expect(textsOf(await store.get('b'))).toEqual(['b']);
});
