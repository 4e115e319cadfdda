import { runInNewContext } from 'node:vm';
import { memoryStore, type Session, type StandardSchema, sess } from '@sess/core';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { echo } from './chat-samples.ts';
import { errorOf } from './samples.ts';

const state = z.object({ name: z.string(), visits: z.number().default(0) });
type State = z.output<typeof state>;

describe('a state schema', () => {
  test('types the state everywhere', () => {
    const ai = sess({ state });
    expectTypeOf(ai.createSession().state).toEqualTypeOf<State>();
    const load = () => ai.loadSession('a');
    expectTypeOf(load).returns.resolves.toEqualTypeOf<Session<State>>();
    const open = () => ai.openSession('a');
    expectTypeOf(open).returns.resolves.toEqualTypeOf<Session<State>>();
    const current = () => ai.currentSession().state;
    expectTypeOf(current).returns.toEqualTypeOf<State>();
    // @ts-expect-error: a name is a text
    const wrong = () => ai.createSession({ initialState: { name: 7, visits: 0 } });
    // @ts-expect-error: there is no such field
    const unknown = () => ai.createSession().updateState({ nme: 'Pavel' });
    expect(wrong).toThrow(expect.objectContaining({ code: 'INVALID_STATE' }));
    expect(unknown).toBeDefined();
  });

  test('is not needed for types: bare generics work, and the store drives no inference', () => {
    const ai = sess({ store: memoryStore<{ other: boolean }>() });
    expectTypeOf(ai.createSession<{ a: number }>().state).toEqualTypeOf<{ a: number }>();
    expectTypeOf(ai.createSession({ initialState: { a: 1 } }).state).toEqualTypeOf<{ a: number }>();
    const load = () => ai.loadSession<{ a: number }>('x');
    expectTypeOf(load).returns.resolves.toEqualTypeOf<Session<{ a: number }>>();
    expectTypeOf(ai.createSession().state).toBeAny();
  });

  test('refuses a state that does not fit, with the place, not the content', async () => {
    const store = memoryStore();
    const ai = sess({ store, state, model: echo });
    expect(() => ai.createSession({ initialState: { name: 7 } as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_STATE' }),
    );
    const session = ai.createSession({ initialState: { name: 'Pavel', visits: 1 } });
    await session.keepAlive();
    const error = await errorOf(() => session.updateState({ visits: 's3cr3t' as never }), 'INVALID_STATE');
    expect(error.message).toContain('state.visits');
    expect(error.message).not.toContain('s3cr3t');
    await errorOf(() => session.updateState(() => ({}) as never), 'INVALID_STATE');
    expect((await store.get(session.id))?.state).toEqual({ name: 'Pavel', visits: 1 });
  });

  test('refuses a stored state that does not fit, and leaves it as it is', async () => {
    const store = memoryStore();
    await store.save('old', { state: { name: 7 }, threads: {} });
    const ai = sess({ store, state, model: echo });
    await errorOf(() => ai.loadSession('old'), 'INVALID_STATE');
    await errorOf(() => ai.openSession('old'), 'INVALID_STATE');
    await errorOf(() => ai.createSession({ sessionId: 'old' }).send('hi'), 'INVALID_STATE');
    expect((await store.get('old'))?.state).toEqual({ name: 7 });
  });

  test('refuses a state that somebody else stored since it was read', async () => {
    const store = memoryStore();
    const ai = sess({ store, state });
    const session = await ai.openSession('a', { initialState: { name: 'Pavel', visits: 0 } });
    await (await sess({ store }).loadSession('a')).updateState({ name: 7 });
    await errorOf(() => session.updateState({ visits: 1 }), 'INVALID_STATE');
  });

  test('fills in defaults, when a session is created and when it is loaded', async () => {
    const store = memoryStore();
    await store.save('old', { state: { name: 'Pavel' }, threads: {} });
    const ai = sess({ store, state });
    expect((await ai.loadSession('old')).state).toEqual({ name: 'Pavel', visits: 0 });
    expect(ai.createSession({ initialState: { name: 'Olga' } as State }).state).toEqual({ name: 'Olga', visits: 0 });
    const session = await ai.loadSession('old');
    await session.updateState((known) => ({ ...known, visits: known.visits + 1 }));
    expect((await store.get('old'))?.state).toEqual({ name: 'Pavel', visits: 1 });
  });

  test('leaves a session without a state alone', async () => {
    const session = sess({ state, model: echo }).createSession();
    await session.send('hi');
    expect(session.state).toBeUndefined();
    await errorOf(() => session.updateState({ visits: 1 }), 'INVALID_STATE');
    expect(await session.updateState({ name: 'Pavel' })).toEqual({ name: 'Pavel', visits: 0 });
  });

  test('that brings a text back to a Date does so everywhere', async () => {
    const store = memoryStore();
    const ai = sess({ store, state: z.object({ at: z.coerce.date() }) });
    const session = ai.createSession({ initialState: { at: new Date(0) } });
    expect(session.state.at).toEqual(new Date(0));
    await session.keepAlive();
    expect(session.state.at).toEqual(new Date(0));
    expect((await session.updateState({ at: new Date(1) })).at).toEqual(new Date(1));
    expect(session.state.at).toEqual(new Date(1));
    expect((await ai.loadSession(session.id)).state.at).toEqual(new Date(1));
    expect((await store.get(session.id))?.state).toEqual({ at: '1970-01-01T00:00:00.001Z' });
  });

  test('that could not read back what it lets through refuses it before it is stored', async () => {
    const store = memoryStore();
    const ai = sess({ store, state: z.object({ at: z.date() }) });
    expect(() => ai.createSession({ initialState: { at: new Date(0) } })).toThrow(
      expect.objectContaining({ code: 'INVALID_STATE' }),
    );
    const session = await ai.openSession('a');
    await errorOf(() => session.updateState({ at: new Date(0) }), 'INVALID_STATE');
    expect((await store.get('a'))?.state).toBeUndefined();
  });

  test('of any library that follows Standard Schema will do, if it answers at once', async () => {
    const even = (later: boolean): StandardSchema<unknown, number> => ({
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          const result = Number(value) % 2 === 0 ? { value: Number(value) } : { issues: [{ message: 'odd' }] };
          return later ? Promise.resolve(result) : result;
        },
      },
    });
    expect(sess({ state: even(false) }).createSession({ initialState: 2 }).state).toBe(2);
    expect(() => sess({ state: even(false) }).createSession({ initialState: 3 })).toThrow(/INVALID_STATE|does not fit/);
    expect(() => sess({ state: even(true) }).createSession({ initialState: 2 })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });

  test.each<[string, () => Promise<never>]>([
    ['rejects', () => Promise.reject(new Error('no database'))],
    ['is of another realm', () => runInNewContext('Promise.resolve({ value: 2 })')],
  ])('that answers by a promise is refused, also where that %s', async (_, answer) => {
    const state = { '~standard': { version: 1, vendor: 'test', validate: answer } } as StandardSchema<unknown, number>;
    const store = memoryStore();
    await store.save('a', { state: 2 });
    await errorOf(() => sess({ state }).createSession({ initialState: 2 }), 'INVALID_ARGUMENT');
    await errorOf(() => sess({ state, store }).loadSession('a'), 'INVALID_ARGUMENT');
  });
});
