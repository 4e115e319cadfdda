import { MAIN_THREAD, memoryStore, type Session, sess } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { echo, failing, heldModel, linesOf, OtherProcess, settleDown, storedSession } from './chat-samples.ts';
import { errorOf, user } from './samples.ts';

describe('createSession', () => {
  test.each([undefined, null, ''])('makes a fresh id where there is none: %s', (sessionId) => {
    const ai = sess();
    const [one, two] = [ai.createSession({ sessionId }), ai.createSession({ sessionId })];
    expect(one.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.id).not.toBe(two.id);
  });

  test.each([{ $ne: 1 }, 7, '\ud800', 'x'.repeat(513), ['a']])('refuses an id that is none: %j', (sessionId) => {
    expect(() => sess().createSession({ sessionId: sessionId as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_ID' }),
    );
  });

  test('writes nothing, and its state and messages can be read at once', () => {
    const store = new OtherProcess();
    const session = sess({ store }).createSession({ initialState: { a: 1 }, metadata: { title: 'x' }, owner: 'o' });
    expect(session).toMatchObject({ state: { a: 1 }, metadata: { title: 'x' }, owner: 'o', isNew: true, threads: [] });
    expect(session.chat().messages).toEqual([]);
    expect([...store.reads, ...store.commits]).toEqual([]);
  });

  test.each<[string, (session: Session) => Promise<unknown>]>([
    ['send', (session) => session.send('hi', { model: echo })],
    ['append', (session) => session.chat().append([user('hi')])],
    ['updateState', (session) => session.updateState({ b: 2 })],
    ['setMetadata', (session) => session.setMetadata({ label: 'y' })],
    ['keepAlive', (session) => session.keepAlive()],
  ])('is stored by the first %s, with all it was created with', async (_, deed) => {
    const store = memoryStore();
    const session = sess({ store }).createSession({ initialState: { a: 1 }, metadata: { title: 'x' }, owner: 'o' });
    await deed(session);
    expect(session.isNew).toBe(false);
    const record = await store.get(session.id);
    expect(record).toMatchObject({ state: { a: 1 }, metadata: { title: 'x' }, owner: 'o' });
  });

  test.each<[string, (session: Session) => Promise<unknown>]>([
    ['load', (session) => session.load()],
    ['history', (session) => session.history()],
    ['reset', (session) => session.reset()],
    ['discard', (session) => session.chat().discard()],
    ['delete', (session) => session.delete()],
    ['openTurn', (session) => session.chat().openTurn()],
  ])('is not stored by %s', async (_, deed) => {
    const store = new OtherProcess();
    const session = sess({ store }).createSession();
    await deed(session);
    expect([...store.commits, ...store.reads]).toEqual([]);
    expect(session.isNew).toBe(true);
  });

  test('demands at its first commit that a fresh session does not exist', async () => {
    const store = new OtherProcess();
    await sess({ store, model: echo }).createSession().send('hi');
    expect(store.commits[0]?.life).toBeNull();
    expect(store.reads).toEqual([]);
  });

  test('with a fresh id that is taken all the same is ALREADY_EXISTS, and leaves the other session alone', async () => {
    const data = memoryStore();
    const store = new OtherProcess(data);
    const session = sess({ store, model: echo }).createSession();
    store.on('open', { before: () => data.save(session.id, { threads: { main: [user('mine')] } }) });
    await errorOf(() => session.send('hi'), 'ALREADY_EXISTS');
    expect(linesOf((await data.get(session.id))?.threads?.main)).toEqual(['user: mine']);
  });

  test('resumes the session of an id where it exists: nothing is wiped, initialState does not apply', async () => {
    const { id, store, session: before } = await storedSession(['one']);
    await before.updateState({ a: 1 });
    const session = sess({ store, model: echo }).createSession({ sessionId: id, initialState: { a: 0 } });
    await errorOf(() => session.state, 'NOT_LOADED');
    await errorOf(() => session.chat().messages, 'NOT_LOADED');
    await errorOf(() => session.metadata, 'NOT_LOADED');
    await session.send('two');
    expect(session.state).toEqual({ a: 1 });
    expect(linesOf(session.chat().messages)).toHaveLength(4);
  });

  test('creates it where it does not exist: initialState applies', async () => {
    const store = memoryStore();
    const session = sess({ store, model: echo }).createSession({ sessionId: 'mine', initialState: { a: 0 } });
    await errorOf(() => session.state, 'NOT_LOADED');
    await session.load();
    expect(session.state).toEqual({ a: 0 });
    await session.send('one');
    expect((await store.get('mine'))?.state).toEqual({ a: 0 });
  });

  test('by two creators at once makes one session, with what both have said', async () => {
    const store = memoryStore();
    const sessions = [store, store, new OtherProcess(store), new OtherProcess(store)].map((one, index) =>
      sess({ store: one, model: echo }).createSession({ sessionId: 'ours', initialState: { by: index } }),
    );
    await Promise.all(sessions.map((session, index) => session.send(`${index}`)));
    const record = await store.get('ours');
    expect(record?.lengths).toEqual({ main: 8 });
    expect(sessions.map(({ state }) => state)).toEqual(Array(4).fill(record?.state));
  });

  test('may name a store of its own', async () => {
    const store = memoryStore();
    const ai = sess({ model: echo });
    const session = ai.createSession({ store });
    await session.send('hi');
    expect(await store.get(session.id)).toBeDefined();
    await errorOf(() => ai.loadSession(session.id), 'NOT_FOUND');
    expect((await ai.loadSession(session.id, { store })).chat().messages).toHaveLength(2);
  });
});

describe('loadSession', () => {
  test('reads what is stored', async () => {
    const { id, store } = await storedSession(['one']);
    const session = await sess({ store }).loadSession(id);
    expect(linesOf(session.chat().messages)).toEqual(['user: one', 'model: re: one']);
    expect(session.isNew).toBe(false);
  });

  test('rejects with NOT_FOUND where there is none, and INVALID_ID where the id is none', async () => {
    const ai = sess();
    const error = await errorOf(() => ai.loadSession('nobody'), 'NOT_FOUND');
    expect(error.sessionId).toBe('nobody');
    for (const id of ['', undefined, null, {}]) await errorOf(() => ai.loadSession(id as never), 'INVALID_ID');
  });

  test('does not create what it has not found', async () => {
    const store = memoryStore();
    await errorOf(() => sess({ store }).loadSession('nobody'), 'NOT_FOUND');
    expect(await store.get('nobody')).toBeUndefined();
  });

  test('passes on a failure of the store: a failure is not an absence', async () => {
    const store = new OtherProcess();
    store.get = failing() as never;
    await errorOf(() => sess({ store }).loadSession('a'), 'STORE_FAILED');
    await errorOf(() => sess({ store }).openSession('a'), 'STORE_FAILED');
    await errorOf(() => sess({ store, model: echo }).createSession({ sessionId: 'a' }).send('hi'), 'STORE_FAILED');
    expect(store.commits).toEqual([]);
  });
});

describe('openSession', () => {
  test('creates the session where there is none, and commits before it resolves', async () => {
    const store = memoryStore();
    const session = await sess({ store }).openSession('a', { initialState: { a: 1 }, metadata: { title: 'x' } });
    expect(session.state).toEqual({ a: 1 });
    expect(await store.get('a')).toMatchObject({ state: { a: 1 }, metadata: { title: 'x' } });
  });

  test('loads it where it exists', async () => {
    const { id, store } = await storedSession(['one']);
    const session = await sess({ store }).openSession(id, { initialState: { a: 1 } });
    expect(session.chat().messages).toHaveLength(2);
    expect(session.state).toBeUndefined();
  });

  test('by two at once makes one session', async () => {
    const store = memoryStore();
    const sessions = await Promise.all(
      [0, 1, 2].map((by) => sess({ store: new OtherProcess(store) }).openSession('a', { initialState: { by } })),
    );
    const record = await store.get('a');
    expect(sessions.map(({ state }) => state)).toEqual(Array(3).fill(record?.state));
  });

  test('refuses an id that is none', async () => {
    for (const id of ['', undefined, {}]) await errorOf(() => sess().openSession(id as never), 'INVALID_ID');
  });
});

describe('ai.chat and session.send', () => {
  test('are a session with one thread, in one call', async () => {
    const chat = sess({ model: echo }).chat({ system: 'Be short.' });
    await chat.send('one');
    await chat.session.send('two');
    expect(chat.thread).toBe(MAIN_THREAD);
    expect(chat.messages).toHaveLength(4);
  });
});

describe('metadata', () => {
  test('is merged shallowly; null removes a key', async () => {
    const { id, store, session } = await storedSession();
    await session.setMetadata({ title: 'a', label: 'b', nested: { x: 1, y: 2 } });
    await session.setMetadata({ title: null, label: 'c', nested: { x: 3 } });
    expect(session.metadata).toEqual({ label: 'c', nested: { x: 3 } });
    expect((await store.get(id))?.metadata).toEqual({ label: 'c', nested: { x: 3 } });
  });

  test('of two processes at once: no key is lost', async () => {
    const { id, store } = await storedSession();
    const sessions = await Promise.all([1, 2].map(() => sess({ store: new OtherProcess(store) }).loadSession(id)));
    await Promise.all(sessions.map((session, index) => session.setMetadata({ [`key${index}`]: index })));
    expect((await store.get(id))?.metadata).toEqual({ key0: 0, key1: 1 });
  });

  test('is frozen', async () => {
    const session = sess().createSession({ metadata: { tags: ['a'] } });
    expect(() => (session.metadata.tags as string[]).push('b')).toThrow(TypeError);
    await session.keepAlive();
    expect(() => (session.metadata.tags as string[]).push('b')).toThrow(TypeError);
  });

  test('must be storable', async () => {
    const { session } = await storedSession();
    await errorOf(() => session.setMetadata({ at: Number.NaN }), 'NOT_SERIALIZABLE');
    expect(() => sess().createSession({ metadata: { f: () => 1 } })).toThrow(
      expect.objectContaining({ code: 'NOT_SERIALIZABLE' }),
    );
  });
});

describe('history', () => {
  test('pages backwards', async () => {
    const { session } = await storedSession(['a', 'b', 'c']);
    expect(linesOf(await session.history('main', { last: 2 }))).toEqual(['user: c', 'model: re: c']);
    expect(linesOf(await session.history('main', { last: 2, before: 4 }))).toEqual(['user: b', 'model: re: b']);
    expect(linesOf(await session.history('main', { before: 2 }))).toEqual(['user: a', 'model: re: a']);
    expect(await session.history('main', { last: 0 })).toEqual([]);
    await errorOf(() => session.history('main', { last: -1 }), 'INVALID_ARGUMENT');
  });

  test('reads only the page', async () => {
    const { id, store } = await storedSession(['a', 'b', 'c']);
    const watched = new OtherProcess(store);
    const session = sess({ store: watched }).createSession({ sessionId: id });
    await session.history('main', { last: 2, before: 4 });
    expect(watched.reads).toEqual([{ threads: ['main'], last: 2, before: 4 }]);
  });

  test('is a copy of its own, and fresh', async () => {
    const { id, store, session } = await storedSession(['a']);
    const messages = await session.history();
    messages.length = 1;
    (messages[0] as { content: unknown[] }).content.length = 0;
    await (await sess({ store, model: echo }).loadSession(id)).send('b');
    expect(linesOf(await session.history())).toEqual(['user: a', 'model: re: a', 'user: b', 'model: re: b']);
  });

  test('is empty where the thread is, or the session new; NOT_FOUND where it is gone', async () => {
    const { session } = await storedSession(['a']);
    expect(await session.history('nowhere')).toEqual([]);
    expect(await sess().createSession().history()).toEqual([]);
    expect(await sess().createSession({ sessionId: 'none' }).history()).toEqual([]);
    await session.delete();
    await errorOf(() => session.history(), 'NOT_FOUND');
  });
});

describe('reset', () => {
  test('empties one thread, or all; the session, its state and title stay', async () => {
    const { id, store, session } = await storedSession(['a']);
    await session.chat('side').send('b');
    await session.updateState({ a: 1 });
    await session.setMetadata({ title: 'x' });
    await session.reset('side');
    expect((await store.get(id))?.lengths).toEqual({ main: 2, side: 0 });
    await session.chat('side').send('c');
    await session.reset();
    expect(await store.get(id)).toMatchObject({
      lengths: { main: 0, side: 0 },
      state: { a: 1 },
      metadata: { title: 'x' },
    });
    expect(session.chat().messages).toEqual([]);
  });

  test('also empties threads that another process has made since the session was read', async () => {
    const { id, store, session } = await storedSession(['a']);
    const other = await sess({ store: new OtherProcess(store), model: echo }).loadSession(id);
    await other.chat('new').send('b');
    await session.reset();
    expect((await store.get(id))?.lengths).toEqual({ main: 0, new: 0 });
  });

  test('of a thread that is not there does nothing', async () => {
    const { id, store, session } = await storedSession(['a']);
    await session.reset('nowhere');
    expect((await store.get(id))?.lengths).toEqual({ main: 2 });
  });

  test('of a session that is gone is NOT_FOUND', async () => {
    const { session } = await storedSession(['a']);
    await session.delete();
    await errorOf(() => session.reset(), 'NOT_FOUND');
  });
});

describe('delete', () => {
  test('removes the session, and tells whether there was one', async () => {
    const { id, store, session } = await storedSession(['a']);
    expect(await session.delete()).toBe(true);
    expect(await store.get(id)).toBeUndefined();
    expect(await session.delete()).toBe(false);
    expect(await sess().createSession().delete()).toBe(false);
    expect(await sess().createSession({ sessionId: 'none' }).delete()).toBe(false);
  });

  test('leaves the Session object without a session: everything is NOT_FOUND, nothing brings it back', async () => {
    const { id, store, session } = await storedSession(['a']);
    await session.delete();
    for (const deed of deedsOf(session)) await errorOf(deed, 'NOT_FOUND');
    expect(await store.get(id)).toBeUndefined();
  });

  test('by somebody else: the same', async () => {
    const { id, store, session } = await storedSession(['a']);
    await store.delete(id);
    for (const deed of deedsOf(session)) await errorOf(deed, 'NOT_FOUND');
    expect(await session.delete()).toBe(false);
    expect(await store.get(id)).toBeUndefined();
  });

  test('and created again by somebody else: the old Session object touches nothing of the new one', async () => {
    const { id, store, session } = await storedSession(['a']);
    await store.delete(id);
    const other = await sess({ store, model: echo }).openSession(id);
    await other.send('mine');
    const before = await store.get(id);
    for (const deed of [...deedsOf(session), () => session.delete()]) await errorOf(deed, 'CONFLICT');
    expect(await store.get(id)).toEqual(before);
  });
});

function deedsOf(session: Session): (() => Promise<unknown>)[] {
  return [
    () => session.send('b'),
    () => session.chat().append([user('b')]),
    () => session.updateState({ a: 1 }),
    () => session.setMetadata({ a: 1 }),
    () => session.keepAlive(),
    () => session.history(),
    () => session.fork(),
    () => session.reset(),
    () => session.chat().discard(),
  ];
}

describe('what ends a running turn at once', () => {
  const deeds: [
    string,
    'CONFLICT' | 'NOT_FOUND',
    (session: Session, ai: ReturnType<typeof sess>) => Promise<unknown>,
  ][] = [
    ['reset', 'CONFLICT', (session) => session.reset()],
    ['reset of the thread', 'CONFLICT', (session) => session.reset('main')],
    ['discard', 'CONFLICT', (session) => session.chat().discard()],
    ['delete', 'NOT_FOUND', (session) => session.delete()],
    ['sessions.delete', 'NOT_FOUND', (session, ai) => ai.sessions.delete(session.id)],
  ];

  const noBeats = { leaseMs: 600_000, waitTimeout: 700_000 };

  async function running(options: object = noBeats) {
    const { id, store } = await storedSession(['before']);
    const model = heldModel('half ');
    const session = await sess({ store, model, ...options }).loadSession(id);
    const turn = session.send('hi');
    turn.catch(() => {});
    await model.called;
    return { id, store, model, session, turn };
  }

  test.each(deeds)('%s, by the same Session object: %s', async (_, code, deed) => {
    const { id, store, session, turn, model } = await running();
    await deed(session, sess({ store }));
    await errorOf(() => turn, code);
    expect(model.requests[0]?.signal.aborted).toBe(true);
    await settleDown();
    expect((await store.get(id))?.openTurns).toBeUndefined();
  });

  test.each(deeds)('%s, by another Session object: %s', async (_, code, deed) => {
    const { id, store, turn } = await running();
    await deed(await sess({ store }).loadSession(id), sess({ store }));
    await errorOf(() => turn, code);
  });

  test.each(deeds)('%s, by another process, by the next beat: %s', async (_, code, deed) => {
    const { id, store, turn, model } = await running({ leaseMs: 60 });
    const ai = sess({ store: new OtherProcess(store) });
    await deed(await ai.loadSession(id), ai);
    await errorOf(() => turn, code);
    expect(model.requests[0]?.signal.aborted).toBe(true);
  });

  test('discard removes the messages of the turn, reset all; nothing of the turn comes after', async () => {
    const discarded = await running();
    await discarded.session.chat().discard();
    await errorOf(() => discarded.turn, 'CONFLICT');
    expect(linesOf((await discarded.store.get(discarded.id))?.threads?.main)).toEqual([
      'user: before',
      'model: re: before',
    ]);
    const emptied = await running();
    await emptied.session.reset();
    await errorOf(() => emptied.turn, 'CONFLICT');
    await settleDown();
    expect((await emptied.store.get(emptied.id))?.lengths).toEqual({ main: 0 });
  });

  test('a turn of another thread, or session, goes on', async () => {
    const { store, session, turn, model } = await running();
    await session.chat('side').send('x', { model: echo });
    await session.reset('side');
    await (await sess({ store }).openSession('other')).delete();
    model.answer('done');
    expect((await turn).text).toBe('done');
  });

  test('the turns that wait behind it go on', async () => {
    const { session, turn } = await running();
    const next = session.send('next');
    await session.reset();
    await errorOf(() => turn, 'CONFLICT');
    await next;
    expect(linesOf(await session.history())).toEqual(['user: next', 'model: later']);
  });

  test.each([null, '', { $gt: '' }])('reset of what is no thread name is refused: %j', async (name) => {
    const { session } = await storedSession(['one']);
    await errorOf(() => session.reset(name as never), 'INVALID_ID');
    expect(await session.history()).toHaveLength(2);
  });

  test('a send in the same tick as the reset: either it is whole, or nothing of it is left open', async () => {
    const { id, store } = await storedSession(['before']);
    const session = await sess({ store, model: echo }).loadSession(id);
    const sent = session.send('hi').catch(() => {});
    await Promise.all([sent, session.reset()]);
    const record = await store.get(id);
    expect(record?.openTurns).toBeUndefined();
    expect([0, 2]).toContain(record?.lengths.main);
  });

  test('a send just before a delete leaves no open turn behind', async () => {
    const { id, store } = await storedSession(['before']);
    const resumed = sess({ store, model: echo }).createSession({ sessionId: id });
    const sent = resumed.send('hi').catch(() => {});
    await Promise.all([sent, sess({ store }).sessions.delete(id)]);
    expect((await store.get(id))?.openTurns).toBeUndefined();
  });
});

describe('fork', () => {
  test('makes a new session of it, with state, owner, metadata and lineage, stored before it resolves', async () => {
    const store = memoryStore();
    const ai = sess({ store, model: echo });
    const session = ai.createSession({ initialState: { a: 1 }, owner: 'o', metadata: { title: 'x' } });
    await session.send('one');
    await session.chat('side').send('two');
    const fork = await session.fork();
    expect(fork.id).not.toBe(session.id);
    expect(await store.get(fork.id)).toMatchObject({
      state: { a: 1 },
      owner: 'o',
      metadata: { title: 'x', forkedFrom: { sessionId: session.id } },
      lengths: { main: 2, side: 2 },
    });
    await fork.send('three');
    expect(await session.history()).toHaveLength(2);
    expect(await fork.history()).toHaveLength(4);
  });

  test('of one thread, up to a message', async () => {
    const { session } = await storedSession(['one', 'two']);
    await session.chat('side').send('x');
    const fork = await session.fork({ thread: 'main', at: 2 });
    expect(fork.threads).toEqual(['main']);
    expect(linesOf(await fork.history())).toEqual(['user: one', 'model: re: one']);
    expect(fork.metadata.forkedFrom).toEqual({ sessionId: session.id, thread: 'main', at: 2 });
    await errorOf(() => session.fork({ at: 2 }), 'INVALID_ARGUMENT');
  });

  test('takes what is stored now, not what was read', async () => {
    const { id, store, session } = await storedSession(['one']);
    const other = await sess({ store, model: echo }).loadSession(id);
    await other.send('two');
    await other.updateState({ a: 1 });
    const fork = await session.fork();
    expect(fork.chat().messages).toHaveLength(4);
    expect(fork.state).toEqual({ a: 1 });
  });

  test('during a turn: the fork has no open turn', async () => {
    const { session } = await storedSession();
    const model = heldModel();
    const turn = session.send('hi', { model });
    await model.called;
    const fork = await session.fork();
    expect(await fork.chat().openTurn()).toBeUndefined();
    expect(linesOf(await fork.history())).toEqual(['user: hi']);
    model.answer('done');
    await turn;
  });

  test('of a session that is new', async () => {
    const ai = sess({ model: echo });
    const fork = await ai.createSession({ initialState: { a: 1 } }).fork();
    expect((await ai.loadSession(fork.id)).state).toEqual({ a: 1 });
  });
});

describe('keepAlive', () => {
  test('slides the expiry, and changes nothing else', async () => {
    let now = 1_000_000;
    const store = memoryStore({ ttl: 1000, clock: () => now });
    const session = sess({ store, model: echo }).createSession();
    await session.send('hi');
    expect(session.expiresAt).toBe(1_001_000);
    const before = await store.get(session.id);
    now += 900;
    await session.keepAlive();
    expect(session.expiresAt).toBe(1_001_900);
    now += 900;
    expect(await store.get(session.id)).toMatchObject({ updatedAt: before?.updatedAt, versions: before?.versions });
    now += 100;
    await errorOf(() => session.keepAlive(), 'NOT_FOUND');
    expect(await store.get(session.id)).toBeUndefined();
  });

  test('of an expired session does not bring it back, nor does a send', async () => {
    let now = 1_000_000;
    const store = memoryStore({ ttl: 1000, clock: () => now });
    const session = sess({ store, model: echo }).createSession();
    await session.send('hi');
    now += 1000;
    await errorOf(() => session.send('again'), 'NOT_FOUND');
    await errorOf(() => sess({ store }).loadSession(session.id), 'NOT_FOUND');
  });
});
