// The program of a racing process: does its part of each race that it is told of, and tells what was acknowledged.
import { type FullSessionStore, SessError, type SessionChange, type SessionRecord } from '@sess/core/store';
import { mongoStore } from '@sess/store-mongo';
import { seededRandom } from '@sess/store-tests/seeded-random';
import { message } from '@sess/store-tests/session';
import type { Acknowledged, Race } from './race.ts';

const [url = '', prefix = ''] = process.argv.slice(2);
const store = mongoStore({ url, database: 'tests', prefix, sweepIntervalMs: false });
await store.get('warm-up');

process.on('message', async (race: Race) => {
  process.send?.(await run(race).catch((error: Error) => ({ failed: String(error.stack) })));
});
process.on('disconnect', () => void store.close());
process.send?.('ready');

/** Every so many commits of a worker are of messages that do not fit into the tail, so that segments are written too. */
async function run({ seed, worker, commits }: Race): Promise<Acknowledged> {
  const random = seededRandom(seed * 100 + worker);
  const done: Acknowledged = { shared: [], own: [], increments: 0, created: false, deleted: [], reborn: [] };
  done.created = await lands(
    store.commit(`${seed}-new`, { changeId: `w${worker}`, life: null, state: { base: null, value: worker } }),
  );
  for (let number = 0; number < commits; number += 1) {
    const name = `${worker}.${number}`;
    const text = () => message(name, random.pick([20, 200, 2_000, 12_000, 60_000]));
    const chosen = random.below(10);
    if (chosen < 5) {
      await apply(`${seed}`, name, (record) => ({ threads: onThread(record, 'shared', [text(), text()]) }));
      done.shared.push(name);
    } else if (chosen < 7) {
      await apply(`${seed}`, name, (record) => ({ threads: onThread(record, `own-${worker}`, [text()]) }));
      done.own.push(name);
    } else if (chosen < 9) {
      await apply(`${seed}`, name, ({ state, versions }) => ({
        state: { base: versions.state, value: ((state as number) ?? 0) + 1 },
      }));
      done.increments += 1;
    } else await raceDeletion(`${seed}-short`, name, done);
    if (random.below(12) === 0) await store.sweep();
  }
  return done;
}

/** Creates, deletes or appends to a session that others delete and create too. */
async function raceDeletion(sessionId: string, name: string, done: Acknowledged): Promise<void> {
  const record = await store.get(sessionId, { last: 0 });
  if (record === undefined) {
    const threads = { main: { base: null, keep: 0, append: [message(`${name} born`, 50_000)] } };
    if (await lands(store.commit(sessionId, { changeId: name, life: null, threads }))) done.reborn.push(name);
    return;
  }
  const commit = lands(
    store.commit(sessionId, {
      changeId: name,
      life: record.life,
      threads: onThread(record, 'main', [message(name, 9_000)]),
    }),
  );
  if (await store.delete(sessionId)) done.deleted.push(record.life);
  await commit;
}

async function lands(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (SessError.is(error) && ['CONFLICT', 'ALREADY_EXISTS', 'NOT_FOUND'].includes(error.code)) return false;
    throw error;
  }
}

/** Commits what is built from the session as it is, as often as it takes. */
async function apply(
  sessionId: string,
  name: string,
  build: (record: SessionRecord) => Partial<SessionChange>,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const record = await read(store, sessionId);
    if (await lands(store.commit(sessionId, { changeId: `${name}.${attempt}`, life: record.life, ...build(record) })))
      return;
  }
}

async function read(from: FullSessionStore, sessionId: string): Promise<SessionRecord> {
  const record = await from.get(sessionId, { last: 0 });
  if (record === undefined) throw new Error(`session ${sessionId} is gone`);
  return record;
}

function onThread({ versions, lengths }: SessionRecord, thread: string, append: ReturnType<typeof message>[]) {
  return { [thread]: { base: versions.threads[thread] ?? null, keep: lengths[thread] ?? 0, append } };
}
