import { type FullSessionStore, SessError, type SessionChange, type SessionRecord } from '@sess/core/store';
import type { Round, RoundResult } from './race.ts';
import { seededRandom } from './seeded-random.ts';

/** One of the processes that race. */
export interface Racer {
  readonly store: FullSessionStore;
  /** Its number, from 0 on. */
  readonly writer: number;
  /** Called when the race is over. */
  close(): Promise<void>;
}

/** Tells `Race` that this process is ready, runs one round after the other as it is told, and answers what was acknowledged. */
export function serveRounds(racer: Racer): void {
  process.on('message', (round: Round) => {
    run(racer, round).then(
      (result) => process.send?.(result),
      (error) => process.send?.({ failed: String(error), acknowledged: [], unknown: [] } satisfies RoundResult),
    );
  });
  process.on('disconnect', () => racer.close());
  process.send?.('ready');
}

async function run({ store, writer }: Racer, { sessionId, seed, commits, deletesAfter }: Round): Promise<RoundResult> {
  const random = seededRandom(seed * 100 + writer);
  const result: RoundResult = { acknowledged: [], unknown: [] };
  if (deletesAfter === undefined) {
    const name = `create.${writer}`;
    const creation: SessionChange = { changeId: name, life: null, state: { base: null, value: { count: 0 } } };
    if ((await settle(store, sessionId, creation)) === 'landed') result.acknowledged.push({ name, kind: 'create' });
  }
  for (let number = 1; number <= commits; number += 1) {
    if (deletesAfter !== undefined && writer === 0 && number > deletesAfter) {
      result.deleted = await store.delete(sessionId);
      return result;
    }
    const kind = random.pick(['shared', 'own', 'state'] as const);
    for (let attempt = 1; ; attempt += 1) {
      const name = `${writer}.${number}.${attempt}`;
      const record = await read(store, sessionId);
      if (record === undefined) return result;
      const outcome = await settle(store, sessionId, changeOf(kind, { name, writer, record }));
      if (outcome === 'gone') return result;
      if (outcome === 'landed') result.acknowledged.push({ name, kind });
      if (outcome === 'unknown') result.unknown.push(name);
      if (outcome !== 'conflict') break;
    }
  }
  return result;
}

/** Each change writes a pair of messages, or the state: what is torn can be seen. */
function changeOf(
  kind: 'shared' | 'own' | 'state',
  { name, writer, record }: { name: string; writer: number; record: SessionRecord },
): SessionChange {
  const common = { changeId: name, life: record.life, seen: record.changes };
  if (kind === 'state') {
    return { ...common, state: { base: record.versions.state, value: { count: record.state.count + 1 } } };
  }
  const thread = kind === 'shared' ? 'main' : `own ${writer}`;
  const append = ['user', 'model'].map((role) => ({
    role: role as 'user' | 'model',
    content: [{ text: `${name} ${role}` }],
  }));
  const base = record.versions.threads[thread] ?? null;
  return { ...common, threads: { [thread]: { base, keep: record.lengths[thread] ?? 0, append } } };
}

/** Repeats a change, as core does, for as long as its outcome is not known. */
async function settle(
  store: FullSessionStore,
  sessionId: string,
  change: SessionChange,
): Promise<'landed' | 'conflict' | 'gone' | 'unknown'> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    try {
      await store.commit(sessionId, attempt === 0 ? change : { ...change, retry: true });
      return 'landed';
    } catch (error) {
      if (!SessError.is(error)) throw error;
      if (error.code === 'CONFLICT') return error.outcome === 'unknown' ? 'unknown' : 'conflict';
      if (error.code === 'ALREADY_EXISTS') return 'conflict';
      if (error.code === 'NOT_FOUND') return 'gone';
      if (!error.retryable) throw error;
    }
  }
  return 'unknown';
}

async function read(store: FullSessionStore, sessionId: string): Promise<SessionRecord | undefined> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await store.get(sessionId, { last: 0 });
    } catch (error) {
      if (attempt === 20 || !SessError.is(error) || !error.retryable) throw error;
    }
  }
}
