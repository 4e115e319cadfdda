// Checked by the compiler only: how the state of a session gets its type.
import { type FullSessionStore, memoryStore, type Session, type SessionStore, sess } from '@sess/core';
import { expectTypeOf } from 'vitest';
import { z } from 'zod';

interface Visit {
  userName: string;
  mood?: 'calm' | 'glad';
}

const schema = z.object({ userName: z.string(), mood: z.enum(['calm', 'glad']).optional() });
type SchemaState = z.output<typeof schema>;

/** A library of its own, which follows Standard Schema and nothing else. */
const otherSchema = {
  '~standard': { version: 1, vendor: 'own', validate: (value: unknown) => ({ value: value as Visit }) },
} as const;

export async function withoutSchema(): Promise<void> {
  const ai = sess();
  expectTypeOf(ai.createSession()).toEqualTypeOf<Session>();
  expectTypeOf(await ai.loadSession('a')).toEqualTypeOf<Session>();
  expectTypeOf(await ai.openSession('a')).toEqualTypeOf<Session>();
  expectTypeOf(ai.currentSession()).toEqualTypeOf<Session>();
  expectTypeOf(ai.chat().session.state).toBeAny();

  // Named, as with Genkit.
  expectTypeOf(ai.createSession<Visit>()).toEqualTypeOf<Session<Visit>>();
  expectTypeOf(await ai.loadSession<Visit>('a')).toEqualTypeOf<Session<Visit>>();
  expectTypeOf(await ai.openSession<Visit>('a')).toEqualTypeOf<Session<Visit>>();
  expectTypeOf(ai.currentSession<Visit>()).toEqualTypeOf<Session<Visit>>();
  const named = ai.createSession<Visit>({ initialState: { userName: 'Pavel' } });
  expectTypeOf(named.state.mood).toEqualTypeOf<'calm' | 'glad' | undefined>();
  expectTypeOf(await named.updateState({ mood: 'glad' })).toEqualTypeOf<Visit>();
  // @ts-expect-error No such mood.
  await named.updateState({ mood: 'angry' });
  // @ts-expect-error Not all of the state.
  await named.updateState(() => ({ mood: 'calm' }));
  // @ts-expect-error Not all of the state.
  ai.createSession<Visit>({ initialState: { mood: 'calm' } });

  // Taken from the initial state.
  const inferred = ai.createSession({ initialState: { count: 0 } });
  expectTypeOf(inferred).toEqualTypeOf<Session<{ count: number }>>();
  await inferred.updateState(({ count }) => ({ count: count + 1 }));
  // @ts-expect-error No such property.
  inferred.state.counter;
  expectTypeOf(await ai.openSession('a', { initialState: { count: 0 } })).toEqualTypeOf<Session<{ count: number }>>();
}

export async function withSchema(): Promise<void> {
  const ai = sess({ state: schema });
  expectTypeOf(ai.createSession()).toEqualTypeOf<Session<SchemaState>>();
  expectTypeOf(await ai.loadSession('a')).toEqualTypeOf<Session<SchemaState>>();
  expectTypeOf(await ai.openSession('a')).toEqualTypeOf<Session<SchemaState>>();
  expectTypeOf(ai.currentSession()).toEqualTypeOf<Session<SchemaState>>();
  expectTypeOf(ai.chat().session.state).toEqualTypeOf<SchemaState>();

  // An initial state leaves out what is optional, and names one of several values: the schema counts.
  const session = ai.createSession({ initialState: { userName: 'Pavel' } });
  expectTypeOf(session).toEqualTypeOf<Session<SchemaState>>();
  await session.updateState({ mood: 'glad' });
  await session.updateState((state) => ({ ...state, mood: 'calm' }));
  const calm = ai.createSession({ initialState: { userName: 'Pavel', mood: 'calm' } });
  await calm.updateState({ mood: 'glad' });
  expectTypeOf(await ai.openSession('a', { initialState: { userName: 'Pavel' } })).toEqualTypeOf<
    Session<SchemaState>
  >();

  // @ts-expect-error Not what the schema says.
  ai.createSession({ initialState: { userName: 1 } });
  // @ts-expect-error Not all of it.
  ai.createSession({ initialState: {} });
  // @ts-expect-error No such mood.
  await session.updateState({ mood: 'angry' });
  const named = ai.createSession<{ userName: 'Pavel' }>({ initialState: { userName: 'Pavel' } });
  expectTypeOf(named.state.userName).toEqualTypeOf<'Pavel'>();
  // @ts-expect-error Not a state that the schema lets through.
  ai.createSession<{ count: number }>();

  session.chat({
    system: ({ state, session: given }) => {
      expectTypeOf(state).toEqualTypeOf<SchemaState>();
      expectTypeOf(given).toEqualTypeOf<Session<SchemaState>>();
      return state.userName;
    },
  });
  sess({
    state: schema,
    system: ({ state }) => {
      expectTypeOf(state).toEqualTypeOf<SchemaState>();
      return state.userName;
    },
  });
  session.run(() => expectTypeOf(ai.currentSession().state.userName).toBeString());
}

export async function withAnotherLibrary(): Promise<void> {
  const ai = sess({ state: otherSchema });
  expectTypeOf(ai.createSession()).toEqualTypeOf<Session<Visit>>();
  expectTypeOf(await ai.loadSession('a')).toEqualTypeOf<Session<Visit>>();
  expectTypeOf(ai.currentSession()).toEqualTypeOf<Session<Visit>>();
}

export async function withTransformingSchema(): Promise<void> {
  const ai = sess({ state: z.object({ count: z.string().default('0') }) });
  expectTypeOf(ai.createSession().state).toEqualTypeOf<{ count: string }>();
}

/** Whatever the store is typed for, it never drives inference. */
export async function withTypedStores(
  typed: SessionStore<Visit>,
  full: FullSessionStore<Visit>,
  any: SessionStore,
): Promise<void> {
  for (const store of [typed, full, any, memoryStore<Visit>(), memoryStore()]) {
    const ai = sess({ store });
    expectTypeOf(ai.createSession()).toEqualTypeOf<Session>();
    expectTypeOf(await ai.loadSession('a')).toEqualTypeOf<Session>();
    expectTypeOf(ai.currentSession()).toEqualTypeOf<Session>();
    expectTypeOf(ai.createSession<{ count: number }>()).toEqualTypeOf<Session<{ count: number }>>();
    const strict = sess({ store, state: z.object({ count: z.number() }) });
    expectTypeOf(strict.createSession()).toEqualTypeOf<Session<{ count: number }>>();
    expectTypeOf(await strict.loadSession('a')).toEqualTypeOf<Session<{ count: number }>>();
  }
  expectTypeOf(sess().createSession({ store: typed })).toEqualTypeOf<Session>();
  expectTypeOf(sess().createSession<{ count: number }>({ store: typed })).toEqualTypeOf<Session<{ count: number }>>();
  expectTypeOf(sess({ store: memoryStore<Visit>() }).createSession()).toEqualTypeOf<Session>();
}
