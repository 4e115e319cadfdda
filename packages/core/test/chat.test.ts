import { type MessageData, memoryStore, sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { echo, heldModel, linesOf, OtherProcess, storedSession } from './chat-samples.ts';
import { errorOf, user } from './samples.ts';

describe('append', () => {
  test('stores messages without a model', async () => {
    const chat = sess().createSession().chat();
    await chat.append([
      { role: 'user', content: 'hi' },
      { role: 'model', content: [{ text: 'hello' }] },
    ]);
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: hello']);
    expect(linesOf(await chat.session.history())).toEqual(['user: hi', 'model: hello']);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('goes to the end whatever others have appended meanwhile', async () => {
    const { id, store } = await storedSession();
    const chats = [];
    for (let index = 0; index < 4; index += 1) {
      chats.push((await sess({ store: new OtherProcess(store) }).loadSession(id)).chat());
    }
    await Promise.all(chats.map((chat, index) => chat.append([user(`${index}`)])));
    const lines = linesOf((await store.get(id))?.threads?.main);
    expect(lines.sort()).toEqual(['user: 0', 'user: 1', 'user: 2', 'user: 3']);
  });

  test('refuses what cannot be stored', async () => {
    const store = new OtherProcess();
    const chat = sess({ store }).createSession().chat();
    await errorOf(() => chat.append([{ role: 'user', content: [{ data: Number.NaN }] }]), 'NOT_SERIALIZABLE');
    await errorOf(() => chat.append([{ role: 'x' as never, content: 'hi' }]), 'INVALID_ARGUMENT');
    expect(store.commits).toEqual([]);
  });
});

describe('truncate', () => {
  test('drops the messages from index keep on', async () => {
    const { session } = await storedSession(['one', 'two']);
    await session.chat().truncate(2);
    expect(linesOf(session.chat().messages)).toEqual(['user: one', 'model: re: one']);
    expect(await session.history()).toHaveLength(2);
    await session.chat().truncate(0);
    expect(await session.history()).toEqual([]);
  });

  test('leaves exactly the messages before keep, also where the last one asks for a tool', async () => {
    const session = sess({ model: scriptedModel([{ toolRequest: { name: 'clock' } }]) }).createSession();
    await session.send('hi');
    await session.chat().append([user('more')]);
    await session.chat().truncate(2);
    expect((await session.history()).map(({ role }) => role)).toEqual(['user', 'model']);
  });

  test('refuses a keep beyond the end', async () => {
    const { session } = await storedSession(['one']);
    await errorOf(() => session.chat().truncate(3), 'INVALID_ARGUMENT');
  });
});

describe.each([
  ['send with keep', (chat: ReturnType<typeof chatOf>) => chat.send({ prompt: 'edited', keep: 0 }).then(() => {})],
  ['truncate', (chat: ReturnType<typeof chatOf>) => chat.truncate(0)],
])('%s', (_, cut) => {
  test('is refused with CONFLICT where somebody else has written since it was read', async () => {
    const { id, store, session: other } = await storedSession(['one']);
    const chat = chatOf(await sess({ store, model: echo }).loadSession(id));
    await other.send('two');
    const error = await errorOf(() => cut(chat), 'CONFLICT');
    expect(error.parts?.threads?.main).toMatchObject({ length: 4 });
    expect(await other.history()).toHaveLength(4);
    await cut(chat); // what was written is known now
    expect((await other.history()).length).toBeLessThan(4);
  });

  test('is refused with CONFLICT where somebody else writes while it waits', async () => {
    const { id, store } = await storedSession(['one']);
    const model = heldModel();
    const running = (await sess({ store, model }).loadSession(id)).send('two');
    await model.called;
    const chat = chatOf(await sess({ store, model: echo }).loadSession(id));
    const waiting = cut(chat);
    model.answer('done');
    await running;
    await errorOf(() => waiting, 'CONFLICT');
    expect(linesOf(await chat.session.history())).toEqual(['user: one', 'model: re: one', 'user: two', 'model: done']);
  });

  test('is no conflict after turns of the same session', async () => {
    const { session } = await storedSession(['one']);
    const sent = session.chat().send('two');
    const done = cut(chatOf(session));
    await sent;
    await done;
    expect(linesOf(await session.history())[0]).not.toBe('user: one');
  });
});

function chatOf(session: Awaited<ReturnType<typeof storedSession>>['session']) {
  return session.chat();
}

describe('several chats on one thread', () => {
  test('see one history', async () => {
    const session = sess({ model: echo }).createSession();
    const [one, two] = [session.chat(), session.chat('main')];
    await one.send('a');
    await two.send('b');
    expect(linesOf(one.messages)).toEqual(['user: a', 'model: re: a', 'user: b', 'model: re: b']);
    expect(one.messages).toEqual(two.messages);
  });

  test('of several Session objects do not erase each other', async () => {
    const { id, store } = await storedSession();
    const ai = sess({ store, model: echo });
    const [one, two] = [(await ai.loadSession(id)).chat(), (await ai.loadSession(id)).chat()];
    await one.send('a');
    await two.send('b');
    await one.send('c');
    expect(linesOf(one.messages).filter((line) => line.startsWith('user'))).toEqual(['user: a', 'user: b', 'user: c']);
  });
});

describe('threads', () => {
  test('are apart, and main is the default', async () => {
    const session = sess({ model: echo }).createSession();
    await session.chat().send('to main');
    await session.chat('side').send('to side');
    expect(linesOf(session.chat('main').messages)).toEqual(['user: to main', 'model: re: to main']);
    expect(linesOf(session.chat('side').messages)).toEqual(['user: to side', 'model: re: to side']);
    expect(session.threads.sort()).toEqual(['main', 'side']);
  });

  test('of two processes never conflict', async () => {
    const { id, store } = await storedSession();
    const stores = [new OtherProcess(store), new OtherProcess(store)];
    const sessions = await Promise.all(stores.map((one) => sess({ store: one, model: echo }).loadSession(id)));
    await Promise.all(sessions.map((session, index) => session.chat(`thread ${index}`).send('hi')));
    expect(stores.map(({ commits }) => commits.length)).toEqual([2, 2]);
    expect((await store.get(id))?.lengths).toEqual({ 'thread 0': 2, 'thread 1': 2 });
  });

  test.each(['__proto__', 'constructor', 'a/b', '../x', '\u00e4', 'a\u0308', '*', '{x}', '$gt'])(
    'may have any name: %s',
    async (name) => {
      const store = memoryStore();
      const session = sess({ store, model: echo }).createSession();
      await session.chat(name).send('hi');
      await session.chat(name).send('again');
      const loaded = await sess({ store }).loadSession(session.id);
      expect(loaded.chat(name).messages).toHaveLength(4);
      expect(loaded.threads).toEqual([name]);
      await loaded.reset(name);
      expect(loaded.chat(name).messages).toEqual([]);
    },
  );

  test.each(['', '\ud800', 'x'.repeat(513), 5 as never])('refuse a name that is none', (name) => {
    expect(() => sess().createSession().chat(name)).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
  });
});

describe('chat.messages', () => {
  test('shows a turn once it is stored, the question first', async () => {
    const model = heldModel('half ');
    const chat = sess({ model }).createSession().chat();
    const turn = chat.send('hi');
    expect(chat.messages).toEqual([]);
    await model.called;
    expect(linesOf(chat.messages)).toEqual(['user: hi']);
    model.answer('done');
    await turn;
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: done']);
  });

  test('is frozen, or a copy: changing it changes nothing', async () => {
    const { session } = await storedSession(['one']);
    const chat = session.chat();
    try {
      (chat.messages[0] as MessageData).content.length = 0;
    } catch {}
    try {
      chat.messages.length = 0;
    } catch {}
    expect(linesOf(chat.messages)).toEqual(['user: one', 'model: re: one']);
    await session.send('two');
    expect(linesOf(await session.history())[0]).toBe('user: one');
  });

  test('is NOT_LOADED before the session was read', async () => {
    const { id, store } = await storedSession(['one']);
    const session = sess({ store }).createSession({ sessionId: id });
    await errorOf(() => session.chat().messages, 'NOT_LOADED');
    const chat = session.chat();
    await chat.load();
    expect(chat.messages).toHaveLength(2);
  });
});

describe('initial messages', () => {
  const messages = [
    { role: 'user' as const, content: 'before' },
    { role: 'model' as const, content: 'indeed' },
  ];

  test('are shown at once, and stored once, with the first turn', async () => {
    const session = sess({ model: echo }).createSession();
    const chat = session.chat({ messages });
    expect(linesOf(chat.messages)).toEqual(['user: before', 'model: indeed']);
    expect(session.isNew).toBe(true);
    await chat.send('one');
    await chat.send('two');
    await session.chat({ messages }).send('three');
    const lines = linesOf(await session.history());
    expect(lines.filter((line) => line === 'user: before')).toHaveLength(1);
    expect(lines[0]).toBe('user: before');
    expect(lines).toHaveLength(8);
  });

  test('are part of what the model is asked', async () => {
    const model = scriptedModel('ok');
    await sess({ model }).createSession().chat({ messages }).send('one');
    expect(linesOf(model.requests[0]?.messages)).toEqual(['user: before', 'model: indeed', 'user: one']);
  });

  test('are not stored where the thread is there, even if it is empty', async () => {
    const { session } = await storedSession(['one']);
    await session.reset();
    await session.chat({ messages }).send('two');
    expect(linesOf(await session.history())).toEqual(['user: two', 'model: re: two']);
  });

  test('are stored once by two creators at once', async () => {
    const { id, store } = await storedSession();
    const sessions = await Promise.all(
      [store, new OtherProcess(store)].map((one) => sess({ store: one, model: echo }).loadSession(id)),
    );
    await Promise.all(sessions.map((session) => session.chat({ messages }).send('hi')));
    const lines = linesOf((await store.get(id))?.threads?.main);
    expect(lines.filter((line) => line === 'user: before')).toHaveLength(1);
    expect(lines).toHaveLength(6);
  });

  test('are stored with append too, and counted by keep', async () => {
    const appended = sess().createSession();
    await appended.chat({ messages }).append([user('one')]);
    expect(linesOf(await appended.history())).toEqual(['user: before', 'model: indeed', 'user: one']);
    const edited = sess({ model: echo }).createSession();
    await edited.chat({ messages }).send({ prompt: 'instead', keep: 1 });
    expect(linesOf(await edited.history())).toEqual(['user: before', 'user: instead', 'model: re: instead']);
    const cut = sess().createSession();
    await cut.chat({ messages }).truncate(1);
    expect(linesOf(await cut.history())).toEqual(['user: before']);
  });

  test('do not vanish when a preamble comes', async () => {
    const session = sess({ model: echo }).createSession();
    await session.chat({ messages, system: 'Be short.' }).send('one');
    await session.chat({ system: 'Be long.' }).send('two');
    expect(linesOf(await session.history()).slice(0, 2)).toEqual(['user: before', 'model: indeed']);
  });
});
