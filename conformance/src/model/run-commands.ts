import {
  type FullSessionStore,
  SessError,
  type SessionChange,
  type SessionRecord,
  selectMessages,
} from '@sess/core/store';
import { equal, ok } from '../assertions.ts';
import { messages } from '../cases/sample.ts';
import { describeError } from '../describe-value.ts';
import type { RunTime } from '../run-time.ts';
import type { Command } from './command.ts';
import { mapValues, SessionModel } from './session-model.ts';

export interface ModelSetup {
  /** One instance, or two on the same data that take turns. */
  readonly stores: readonly FullSessionStore[];
  readonly sessionId: string;
  readonly time: RunTime;
  /** With a clock of the kit's own. */
  readonly ttl: number | undefined;
}

/** Runs commands against a store and the model, and compares what each says and what is stored after each. */
export async function runCommands(
  commands: readonly Command[],
  { stores, sessionId, time, ttl }: ModelSetup,
): Promise<void> {
  const model = new SessionModel(sessionId, time.now, ttl);
  for (const [index, command] of commands.entries()) {
    const store = stores[index % stores.length] as FullSessionStore;
    const what = `step ${index + 1}, ${command.kind}`;
    if (command.kind === 'commit') await commit(store, model, sessionId, model.changeOf(command), what);
    else if (command.kind === 'repeat') {
      const change = model.repeated(command.back);
      if (change !== undefined) await commit(store, model, sessionId, change, what);
    } else if (command.kind === 'save') {
      const { state, threads, metadata } = command;
      const data = {
        ...(state !== undefined && { state }),
        threads: mapValues(threads, (count) => messages(0, count)),
        ...(metadata && { metadata: { ...metadata } }),
      };
      await save(store, model, sessionId, data, what);
    } else if (command.kind === 'save again') {
      const found = await store.get(sessionId);
      if (found !== undefined) await save(store, model, sessionId, found, what);
    } else if (command.kind === 'delete') {
      const { existed } = model.write({ kind: 'delete' });
      equal(await store.delete(sessionId), existed, `${what}: the answer`);
    } else if (command.kind === 'wait') {
      await time.until(time.now() + (ttl ?? 0) * 0.6);
    } else {
      const { record } = model;
      const expected = record && selectMessages(record, command.read);
      equal(
        comparable(await store.get(sessionId, command.read), time),
        comparable(expected, time),
        `${what}: what ${JSON.stringify(command.read)} reads`,
      );
    }
    const reader = stores[(index + 1) % stores.length] as FullSessionStore;
    equal(
      comparable(await reader.get(sessionId), time),
      comparable(model.record, time),
      `${what}: the record afterwards`,
    );
  }
}

async function commit(
  store: FullSessionStore,
  model: SessionModel,
  sessionId: string,
  change: SessionChange,
  what: string,
): Promise<void> {
  let expected: object;
  try {
    const { expiresAt } = model.write({ kind: 'commit', change: structuredClone(change) });
    expected = { changeId: change.changeId, ...(expiresAt !== undefined && { expiresAt }) };
  } catch (error) {
    expected = refusal(error);
  }
  let actual: object;
  try {
    actual = await store.commit(sessionId, change);
  } catch (error) {
    ok(SessError.is(error), `${what}: a refusal must be a SessError, and is ${describeError(error)}`);
    actual = refusal(error);
  }
  equal(actual, expected, `${what}: the answer to ${JSON.stringify(change)}`);
}

async function save(
  store: FullSessionStore,
  model: SessionModel,
  sessionId: string,
  data: object,
  what: string,
): Promise<void> {
  const { state, threads = {}, metadata } = data as Partial<SessionRecord>;
  const placeholder = model.placeholder();
  model.write({
    kind: 'save',
    changeId: placeholder,
    data: structuredClone({
      ...(state !== undefined && { state }),
      threads,
      ...(metadata && { metadata: { ...metadata } }),
    }),
  });
  await store.save(sessionId, data);
  const found = await store.get(sessionId);
  ok(found !== undefined, `${what}: the session must be there after save`);
  const problem = model.adopt(placeholder, found);
  ok(problem === undefined, `${what}: ${problem}`);
}

function refusal(error: unknown): object {
  if (!SessError.is(error)) throw error;
  const { code, parts, outcome } = error;
  return { code, ...(parts && { parts }), ...(outcome && { outcome }) };
}

/** Without the times, where no clock of ours makes them exact. A session without threads may or may not have a map of them. */
function comparable(record: SessionRecord | undefined, { exact }: RunTime): unknown {
  if (record === undefined) return undefined;
  const { createdAt, updatedAt, threads = {}, ...rest } = record;
  return exact ? { ...rest, threads, createdAt, updatedAt } : { ...rest, threads };
}
