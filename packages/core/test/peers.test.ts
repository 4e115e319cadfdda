// Where other systems were seen to break. Each test has the name of the failure that it shows to be impossible here.
// Those that need files or processes are in packages/store-file/test/peers.test.ts.
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from 'node:crypto';
import { type MessageData, memoryStore, SessError, type SessionData, sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { allOf, echo, failing, heldModel, linesOf, OtherProcess, storedSession } from './chat-samples.ts';
import { errorOf, user } from './samples.ts';
import { outline, request } from './tool-samples.ts';

const KILOBYTE = 'x'.repeat(1024);

/** What all commits of a store weigh. */
function bytesOf({ commits }: OtherProcess): number {
  return commits.reduce((sum, change) => sum + JSON.stringify(change).length, 0);
}

function isPaired(lines: string[]): boolean {
  return lines.every((line, index) => index % 2 === 0 || line === lines[index - 1]?.replace('user: ', 'model: re: '));
}

describe('Genkit 1.38 Chat and Session', () => {
  test('parallel sends lose a turn', async () => {
    const { session } = await storedSession();
    await Promise.all(['a', 'b', 'c', 'd'].map((text) => session.send(text)));
    const lines = linesOf(await session.history());
    expect(lines).toHaveLength(8);
    expect(isPaired(lines)).toBe(true);
  });

  test('two Chats on one thread erase each other', async () => {
    const { session } = await storedSession();
    const [one, two] = [session.chat('t'), session.chat('t')];
    await one.send('a');
    await two.send('b');
    await one.send('c');
    expect(linesOf(await session.history('t'))).toEqual(
      ['a', 'b', 'c'].flatMap((text) => [`user: ${text}`, `model: re: ${text}`]),
    );
  });

  test('two loaders on different threads lose one', async () => {
    const { id, store } = await storedSession();
    const [one, two] = await Promise.all([1, 2].map(() => sess({ store, model: echo }).loadSession(id)));
    await one?.chat('a').send('1');
    await two?.chat('b').send('2');
    expect((await store.get(id))?.lengths).toEqual({ a: 2, b: 2 });
  });

  test('createSession with an existing id wipes it at the next save', async () => {
    const { id, store, session: before } = await storedSession(['one']);
    await before.updateState({ a: 1 });
    await sess({ store, model: echo }).createSession({ sessionId: id, initialState: {} }).send('two');
    expect(await store.get(id)).toMatchObject({ state: { a: 1 }, lengths: { main: 4 } });
  });

  test('updateState races', async () => {
    const { id, store } = await storedSession();
    const [one, two] = await Promise.all([1, 2].map(() => sess({ store }).loadSession(id)));
    await Promise.all([one?.updateState({ a: 1 }), two?.updateState({ b: 2 })]);
    expect((await store.get(id))?.state).toEqual({ a: 1, b: 2 });
  });

  test('initial history vanishes when a new preamble comes', async () => {
    const { session } = await storedSession();
    await session.chat('t', { messages: [user('before')], system: 'One.' }).send('a');
    await session.chat('t', { system: 'Two.' }).send('b');
    expect(linesOf(await session.history('t'))[0]).toBe('user: before');
  });

  test('an exception in send loses the message of the user', async () => {
    const { session } = await storedSession();
    const model = async () => {
      throw new Error('overloaded');
    };
    await errorOf(() => session.send('important', { model }), 'MODEL_FAILED');
    expect(linesOf(await session.history())).toEqual(['user: important']);
  });

  test('an exception in send loses the tools that have finished', async () => {
    const model = scriptedModel([request('clock', '1')], new Error('overloaded'));
    const ai = sess({ model });
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const session = ai.createSession();
    await errorOf(() => session.send('When?', { tools: [clock] }), 'MODEL_FAILED');
    expect(outline(await session.history())).toEqual(['user: When?', 'model: → clock#1', 'tool: clock#1 = "noon"']);
  });

  test('a failed save leaves memory ahead of the store', async () => {
    const store = new OtherProcess().on('close', { before: failing() }).on('other', { before: failing() });
    const session = sess({ store, model: echo }).createSession({ initialState: { a: 1 } });
    await errorOf(() => session.send('hi'), 'STORE_FAILED');
    await errorOf(() => session.updateState({ a: 2 }), 'STORE_FAILED');
    const record = await store.get(session.id);
    expect(session.chat().messages).toEqual(record?.threads?.main);
    expect(session.state).toEqual(record?.state);
  });

  test('the thread `__proto__` throws', async () => {
    const { id, store, session } = await storedSession();
    await session.chat('__proto__').send('hi');
    expect(linesOf((await sess({ store }).loadSession(id)).chat('__proto__').messages)).toHaveLength(2);
  });

  test('100 turns of 1 KB write 10.5 MB', async () => {
    const store = new OtherProcess();
    const session = sess({ store, model: echo }).createSession();
    for (let turn = 0; turn < 100; turn += 1) await session.send(KILOBYTE);
    expect(bytesOf(store)).toBeLessThan(100 * 2 * 1024 * 1.75); // the question, the answer, and what goes with them
  });
});

describe('Genkit 1.42 agents', () => {
  test('two turns on one session both report success and one vanishes', async () => {
    const { id, store } = await storedSession();
    const sessions = await Promise.all(
      [1, 2].map(() => sess({ store: new OtherProcess(store), model: echo }).loadSession(id)),
    );
    const answers = await Promise.all(sessions.map((session, index) => session.send(`${index}`)));
    expect(answers.map(({ text }) => text)).toEqual(['re: 0', 're: 1']);
    const lines = linesOf((await store.get(id))?.threads?.main);
    expect([...lines].sort()).toEqual(['model: re: 0', 'model: re: 1', 'user: 0', 'user: 1']);
    expect(isPaired(lines)).toBe(true);
  });

  test('abort does nothing', async () => {
    const { session } = await storedSession();
    const model = heldModel('half ');
    const turn = session.send('hi', { model });
    const { signal } = await model.called;
    turn.abort();
    await errorOf(() => turn, 'ABORTED');
    expect(signal.aborted).toBe(true);
  });
});

describe('Genkit Go x/session', () => {
  test('expiry is not checked on read', async () => {
    let now = 1000;
    const store = memoryStore({ ttl: 100, clock: () => now, sweepIntervalMs: false });
    const ai = sess({ store, model: echo });
    const session = ai.createSession();
    await session.send('hi');
    now += 100;
    await errorOf(() => ai.loadSession(session.id), 'NOT_FOUND');
    expect(await ai.sessions.info(session.id)).toBeUndefined();
    expect(await allOf(ai.sessions.list())).toEqual([]);
  });

  test('memory keeps the new state when the save failed', async () => {
    const store = new OtherProcess().on('other', { before: failing() });
    const session = sess({ store }).createSession({ initialState: { a: 1 } });
    await errorOf(() => session.updateState({ a: 2 }), 'STORE_FAILED');
    expect(session.state).toEqual({ a: 1 });
  });
});

describe('Dexto', () => {
  test('the newest 50 of 10,050 messages are gone after one edit', async () => {
    const store = memoryStore();
    const ai = sess({ store, model: echo });
    const messages = Array.from({ length: 10_050 }, (_, index) => user(`${index}`));
    const session = ai.createSession();
    await session.chat().append(messages);
    const loaded = await sess({ store, model: echo, window: 20 }).loadSession(session.id);
    await loaded.send({ prompt: 'edited', keep: 10_000 });
    const lines = linesOf(await loaded.history());
    expect(lines).toHaveLength(10_002);
    expect(lines.slice(9_998)).toEqual(['user: 9998', 'user: 9999', 'user: edited', 'model: re: edited']);
  });

  test('a delete that races an update resurrects the session', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { id, store } = await storedSession(['one']);
      const [one, two] = await Promise.all(
        [1, 2].map(() => sess({ store: new OtherProcess(store), model: echo }).loadSession(id)),
      );
      await Promise.allSettled([
        one?.updateState({ a: round }),
        two?.delete(),
        one?.send('hi'),
        one?.setMetadata({ a: 1 }),
      ]);
      expect(await store.get(id)).toBeUndefined();
    }
  });

  test('the limit on sessions is passed by concurrent creates', async () => {
    const store = memoryStore({ maxSessions: 3 });
    const ai = sess({ store, model: echo });
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => ai.createSession().send('hi')));
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason.code);
    expect(refused).toEqual(Array(7).fill('LIMIT_REACHED'));
    expect(await allOf(ai.sessions.list())).toHaveLength(3);
  });

  test('the sweep removes busy sessions', async () => {
    let now = 1000;
    const store = memoryStore({ ttl: 100, clock: () => now, sweepIntervalMs: false });
    const watched = new OtherProcess(store);
    const model = heldModel();
    const session = sess({ store: watched, model, leaseMs: 30 }).createSession();
    const turn = session.send('hi');
    await model.called;
    for (let beats = 1; beats <= 3; beats += 1) {
      now += 60; // more than the ttl in all, less between two beats
      await new Promise((resolve) => watched.on('beat', { after: resolve }));
      expect(await store.sweep()).toEqual({ removed: 0 });
    }
    model.answer('done');
    expect((await turn).text).toBe('done');
    expect(linesOf(await session.history())).toEqual(['user: hi', 'model: done']);
  });

  test('a listing gives ids only, unpaged', async () => {
    const { session, store } = await storedSession(['one']);
    await session.setMetadata({ title: 'A talk' });
    const { sessions, cursor } = await sess({ store }).sessions.page({ limit: 1 });
    expect(sessions[0]).toMatchObject({ id: session.id, metadata: { title: 'A talk' }, lengths: { main: 2 } });
    expect(cursor).toBeUndefined();
  });
});

describe('Dexto and Mastra', () => {
  test('storage errors become "nothing found"', async () => {
    const { id, store, session } = await storedSession(['one']);
    const broken = new OtherProcess(store);
    broken.get = async () => failing()();
    const ai = sess({ store: broken, model: echo });
    await errorOf(() => ai.loadSession(id), 'STORE_FAILED');
    await errorOf(() => ai.openSession(id), 'STORE_FAILED');
    await errorOf(() => ai.sessions.info(id), 'STORE_FAILED');
    const resumed = ai.createSession({ sessionId: id });
    await errorOf(() => resumed.history(), 'STORE_FAILED');
    await errorOf(() => resumed.send('two'), 'STORE_FAILED');
    expect(linesOf(await session.history())).toEqual(['user: one', 'model: re: one']);
  });
});

describe('Agentick', () => {
  test('app.session({ id }) ignores the id', async () => {
    const store = memoryStore();
    const ai = sess({ store, model: echo });
    await ai.createSession({ sessionId: 'mine' }).send('one');
    await (await ai.openSession('mine')).send('two');
    expect((await ai.loadSession('mine')).chat().messages).toHaveLength(4);
  });

  test('concurrent hydration loses a turn', async () => {
    const { id, store } = await storedSession();
    const ai = sess({ store, model: echo });
    await Promise.all([1, 2, 3].map((text) => ai.createSession({ sessionId: id }).send(`${text}`)));
    expect((await store.get(id))?.lengths).toEqual({ main: 6 });
  });

  test('results resolve before the save', async () => {
    const { id, store } = await storedSession();
    const session = await sess({ store, model: echo }).loadSession(id);
    const { text } = await session.send('hi');
    expect(linesOf((await store.get(id))?.threads?.main)).toEqual(['user: hi', `model: ${text}`]);
  });

  test('the message of an aborted turn is lost', async () => {
    const { session } = await storedSession();
    const model = heldModel('half ');
    const turn = session.send('important', { model });
    await model.called;
    turn.abort();
    await errorOf(() => turn, 'ABORTED');
    expect(linesOf(await session.history())).toEqual(['user: important', 'model: half ']);
  });

  test('eviction aborts running sessions', async () => {
    const store = memoryStore({ maxSessions: 1 });
    const model = heldModel();
    const session = sess({ store, model }).createSession();
    const turn = session.send('hi');
    await model.called;
    await errorOf(() => sess({ store }).createSession().keepAlive(), 'LIMIT_REACHED');
    model.answer('done');
    expect((await turn).text).toBe('done');
  });

  test('nothing is replayed after a reconnect', async () => {
    const { session } = await storedSession();
    const model = heldModel('one ', 'two ');
    const turn = session.send('hi', { model });
    await model.called;
    for await (const _ of turn) break; // the first reader is gone
    model.answer('one two');
    expect((await allOf(turn)).map(({ text }) => text)).toEqual(['one ', 'two ']);
  });
});

describe('OpenAI Agents SDK', () => {
  test('what a wrong key cannot read is an empty history', async () => {
    const rows = new Map<string, Uint8Array>();
    /** A store that seals what it keeps, as a user may write it. */
    const sealed = (password: string) => {
      const key = scryptSync(password, 'salt', 32);
      return {
        get: async (id: string): Promise<SessionData | undefined> => {
          const row = rows.get(id);
          if (row === undefined) return undefined;
          const decipher = createDecipheriv('aes-256-gcm', key, row.subarray(0, 12));
          decipher.setAuthTag(row.subarray(12, 28));
          return JSON.parse(decipher.update(row.subarray(28), undefined, 'utf8') + decipher.final('utf8'));
        },
        save: async (id: string, data: Omit<SessionData, 'id'>) => {
          const iv = randomBytes(12);
          const cipher = createCipheriv('aes-256-gcm', key, iv);
          const text = Buffer.concat([cipher.update(JSON.stringify(data)), cipher.final()]);
          rows.set(id, Buffer.concat([iv, cipher.getAuthTag(), text]));
        },
      };
    };
    const session = sess({ store: sealed('right'), model: echo }).createSession();
    await session.send('one');
    const row = rows.get(session.id);
    const ai = sess({ store: sealed('wrong'), model: echo });
    await errorOf(() => ai.loadSession(session.id), 'STORE_FAILED');
    await errorOf(() => ai.createSession({ sessionId: session.id }).send('two'), 'STORE_FAILED');
    expect(rows.get(session.id)).toBe(row);
    expect(linesOf(await session.history())).toEqual(['user: one', 'model: re: one']);
  });
});

describe('LangGraph.js savers', () => {
  test('a chat of 0.8 MB writes hundreds of it', async () => {
    const store = new OtherProcess();
    const session = sess({ store, model: echo }).createSession();
    for (let turn = 0; turn < 400; turn += 1) await session.send(KILOBYTE);
    expect(bytesOf(store)).toBeLessThan(400 * 2 * 1024 * 1.75);
    expect(store.reads).toEqual([]);
  });
});

describe('LangChain.js histories', () => {
  test('tool calls are dropped', async () => {
    const { id, store, session } = await storedSession();
    const messages: MessageData[] = [
      { role: 'model', content: [{ toolRequest: { name: 'clock', ref: '1', input: { zone: 'UTC' } } }] },
      { role: 'tool', content: [{ toolResponse: { name: 'clock', ref: '1', output: { time: 'noon' } } }] },
    ];
    await session.chat().append(messages);
    const loaded = (await sess({ store }).loadSession(id)).chat().messages;
    expect(loaded.map(({ role, content }) => ({ role, content }))).toEqual(messages);
  });
});

describe('Google ADK', () => {
  test('stale writes first raise, then silently interleave, then raise again', async () => {
    const { id, store } = await storedSession(['one']);
    const stale = await store.get(id);
    await (await sess({ store, model: echo }).loadSession(id)).send('two');
    const base = stale?.versions.threads.main ?? '';
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const threads = { main: { base, keep: 2, append: [user('stale')] } };
      const change = { changeId: `stale ${attempt}`, life: stale?.life ?? '', threads };
      await errorOf(() => store.commit(id, change), 'CONFLICT');
    }
    expect((await store.get(id))?.lengths).toEqual({ main: 4 });
  });

  test('listing reads all messages', async () => {
    const { store } = await storedSession(['one']);
    const watched = new OtherProcess(store);
    const [info] = await allOf(sess({ store: watched }).sessions.list());
    expect(watched.reads).toEqual([]);
    expect(info).not.toHaveProperty('threads');
  });
});

describe('Mastra', () => {
  test('125 of 300 are listed with "no more"', async () => {
    const store = memoryStore();
    const ai = sess({ store });
    await Promise.all(Array.from({ length: 300 }, () => ai.createSession().keepAlive()));
    expect(await allOf(ai.sessions.list())).toHaveLength(300);
    const page = await ai.sessions.page({ limit: 125 });
    expect(page.sessions).toHaveLength(125);
    expect(page.cursor).toBeDefined();
  });

  test('errors become empty lists', async () => {
    const store = new OtherProcess();
    store.list = failing() as never;
    await errorOf(() => allOf(sess({ store }).sessions.list()), 'STORE_FAILED');
    await errorOf(() => sess({ store }).sessions.page(), 'STORE_FAILED');
  });
});

describe('connect-* session stores', () => {
  test('updates are lost', async () => {
    const data = new Map<string, string>();
    const store = {
      get: async (id: string) => JSON.parse(data.get(id) ?? 'null') ?? undefined,
      save: async (id: string, saved: Omit<SessionData, 'id'>) => void data.set(id, JSON.stringify(saved)),
    };
    const ai = sess({ store, model: echo });
    await (await ai.openSession('a', { initialState: { count: 0 } })).send('one');
    const sessions = await Promise.all([1, 2, 3].map(() => ai.loadSession('a')));
    await Promise.all([
      ...sessions.map((session) => session.updateState(({ count }) => ({ count: count + 1 }))),
      ...sessions.map((session, index) => session.chat(`t${index}`).send('hi')),
    ]);
    const loaded = await ai.loadSession('a');
    expect(loaded.state).toEqual({ count: 3 });
    expect(loaded.threads.sort()).toEqual(['main', 't0', 't1', 't2']);
  });

  test('a parse error reads as no session', async () => {
    const store = {
      get: async () => JSON.parse('{ "threads": '),
      save: async () => {
        throw new Error('must not be overwritten');
      },
    };
    const ai = sess({ store, model: echo });
    await errorOf(() => ai.loadSession('a'), 'STORE_FAILED');
    await errorOf(() => ai.openSession('a'), 'STORE_FAILED');
    await errorOf(() => ai.createSession({ sessionId: 'a' }).send('hi'), 'STORE_FAILED');
  });

  test('what is no session is refused as damaged', async () => {
    const store = { get: async () => ({ threads: 'oops' }) as never, save: async () => {} };
    const error = await errorOf(() => sess({ store }).loadSession('a'), 'CORRUPT');
    expect(SessError.is(error)).toBe(true);
  });
});
