import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MessageData, type Model, sess, textOf } from '@sess/core';
import type { SessionData as GenkitData, SessionStore as GenkitStore } from 'genkit/beta';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { errorOf } from './samples.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sess-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface State {
  visits: number;
}

/** As Genkit's documentation has it: errors read as "no session", and ids are joined to paths. */
// biome-ignore lint/suspicious/noExplicitAny: that is how it is written there.
class JsonSessionStore<S = any> implements GenkitStore<S> {
  async get(sessionId: string): Promise<GenkitData<S> | undefined> {
    try {
      const s = await readFile(join(folder, `${sessionId}.json`), { encoding: 'utf8' });
      return JSON.parse(s);
    } catch {
      return undefined;
    }
  }

  async save(sessionId: string, sessionData: Omit<GenkitData<S>, 'id'>): Promise<void> {
    const s = JSON.stringify(sessionData);
    await writeFile(join(folder, `${sessionId}.json`), s, { encoding: 'utf8' });
  }
}

/** What ioredis and node-redis have in common. */
interface RedisLike {
  get(key: string): Promise<string | null>;
  set(key: string, value: string): Promise<unknown>;
}

const rows = new Map<string, string>();
const redis: RedisLike = {
  get: async (key) => rows.get(key) ?? null,
  set: async (key, value) => rows.set(key, value),
};

const typedLiteral: GenkitStore<State> = {
  get: async (sessionId) => {
    const data = await redis.get(`typed:${sessionId}`);
    return data ? JSON.parse(data) : undefined;
  },
  save: async (sessionId, data) => {
    await redis.set(`typed:${sessionId}`, JSON.stringify(data));
  },
};

/** Written in place, so that the parameters get their types from where the literal is. */
const openLiteral = () =>
  sess({
    model,
    store: {
      get: async (sessionId) => {
        const data = await redis.get(sessionId);
        return data === null ? undefined : JSON.parse(data);
      },
      save: async (sessionId, data) => {
        await redis.set(sessionId, JSON.stringify({ ...data, id: sessionId }));
      },
    },
  });

/** Answers with the number of messages, and with what was said first. */
const model: Model = async ({ messages }) => ({
  message: { role: 'model', content: [{ text: `${messages.length}: ${textOf(messages[0] as MessageData)}` }] },
});

describe.each([
  ['a class over JSON files', () => sess({ model, store: new JsonSessionStore() })],
  ['a class with a type for the state', () => sess({ model, store: new JsonSessionStore<State>() })],
  ['a literal over a Redis-like client, written in place', openLiteral],
  ['a literal with a type for the state', () => sess({ model, store: typedLiteral })],
])('%s', (name, open) => {
  const sessionId = name.replaceAll(' ', '-');

  test('compiles, and remembers from one process to the next', async () => {
    const session = open().createSession<State>({ sessionId, initialState: { visits: 1 } });
    expect((await session.chat().send('my name is Pavel')).text).toBe('1: my name is Pavel');
    await session.updateState(({ visits }) => ({ visits: visits + 1 }));

    const again = await open().loadSession<State>(sessionId);
    expect(again.state).toEqual({ visits: 2 });
    expect((await again.chat().send('what is my name?')).text).toBe('3: my name is Pavel');
    expect((await again.history()).map(({ role }) => role)).toEqual(['user', 'model', 'user', 'model']);
    await errorOf(() => open().loadSession('nobody'), 'NOT_FOUND');
  });

  test('loses nothing of what is sent and counted at once', async () => {
    const ai = open();
    const session = await ai.openSession<State>(`${sessionId}-at-once`, { initialState: { visits: 0 } });
    const others = await Promise.all([1, 2, 3].map(() => ai.loadSession<State>(session.id)));
    await Promise.all(
      others.flatMap((other, index) => [
        other.chat().send(`main ${index}`),
        other.chat(`thread ${index}`).send('aside'),
        other.updateState(({ visits }) => ({ visits: visits + 1 })),
      ]),
    );
    const after = await open().loadSession<State>(session.id);
    expect(after.state).toEqual({ visits: 3 });
    const asked = (await after.history()).filter(({ role }) => role === 'user').map(textOf);
    expect(asked.sort()).toEqual(['main 0', 'main 1', 'main 2']);
    expect(after.threads.sort()).toEqual(['main', 'thread 0', 'thread 1', 'thread 2']);
  });
});

describe('a class over JSON files', () => {
  test('reads an error that it swallows as "no session", which no wrapper can mend', async () => {
    await writeFile(join(folder, 'garbled.json'), '{"threads": {"main": [');
    await errorOf(() => sess({ store: new JsonSessionStore() }).loadSession('garbled'), 'NOT_FOUND');
  });

  test('may be given to sess() twice: both line up together', async () => {
    const store = new JsonSessionStore<State>();
    const [one, two] = [sess({ model, store }), sess({ model, store })];
    await one.openSession<State>('twice', { initialState: { visits: 0 } });
    const sessions = await Promise.all([one, two, one, two].map((ai) => ai.loadSession<State>('twice')));
    await Promise.all(
      sessions.flatMap((session, index) => [
        session.send(`message ${index}`),
        session.updateState(({ visits }) => ({ visits: visits + 1 })),
      ]),
    );
    const after = await sess({ store }).loadSession<State>('twice');
    expect(after.state).toEqual({ visits: 4 });
    expect((await after.history()).map(({ role }) => role)).toEqual(Array(4).fill(['user', 'model']).flat());
  });

  test('may be used by Genkit at the same time', async () => {
    const store = new JsonSessionStore<State>();
    const session = sess({ model, store }).createSession<State>({ sessionId: 'both', initialState: { visits: 1 } });
    await session.send('one');
    const data = (await store.get('both')) as GenkitData<State>;
    data.threads?.main?.push({ role: 'user', content: [{ text: 'of Genkit' }] });
    await store.save('both', data);
    await session.send('two');
    const texts = (await session.history()).map(textOf);
    expect(texts).toEqual(['one', '1: one', 'of Genkit', 'two', '4: one']);
  });
});
