// Forked by kill.test.ts: writes to one session until it is killed, and tells on descriptor 3 what was acknowledged.
import { writeSync } from 'node:fs';
import { SessError } from '@sess/core/store';
import { fileStore } from '@sess/store-file';
import { seededRandom } from '@sess/store-tests/seeded-random';
import { appending, message } from '@sess/store-tests/session';

const [folder, name, seed] = process.argv.slice(2) as [string, string, string];
const random = seededRandom(Number(seed));
const store = fileStore({ folder, sweepIntervalMs: false });

for (let count = 0; ; ) {
  const text = `${name}.${count}`;
  const record = await store.get('shared');
  const change = appending(record, [message(text, random.below(5) === 0 ? random.below(200_000) : 300)]);
  if (record && random.below(12) === 0) {
    // Cuts the thread. What is dropped is kept in the state, for the checker.
    const dropped = (record.threads?.main ?? []).map(({ content }) => content[0]?.text?.replace(/\.*$/, ''));
    const part = change.threads?.main;
    if (part) part.keep = 0;
    change.state = {
      base: record.versions.state,
      value: [...((record.state as string[] | undefined) ?? []), ...dropped],
    };
  }
  try {
    await store.commit('shared', change);
  } catch (error) {
    if (SessError.is(error, 'CONFLICT') || SessError.is(error, 'ALREADY_EXISTS')) continue;
    throw error;
  }
  writeSync(3, `${text}\n`);
  count += 1;
}
