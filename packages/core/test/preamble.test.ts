import { memoryStore, sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { linesOf, OtherProcess, storedSession } from './chat-samples.ts';
import { errorOf } from './samples.ts';

const answers = () => scriptedModel('one', 'two', 'three', 'four');

describe('the preamble', () => {
  test('is sent before the conversation, and never stored', async () => {
    const model = answers();
    const session = sess({ model }).createSession();
    const chat = session.chat('lawyer', { system: 'Talk like a lawyer.' });
    await chat.send('hi');
    expect(linesOf(model.requests[0]?.messages)).toEqual(['system: Talk like a lawyer.', 'user: hi']);
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: one']);
    expect(linesOf(await session.history('lawyer'))).toEqual(['user: hi', 'model: one']);
  });

  test('may be parts', async () => {
    const model = answers();
    await sess({ model, system: [{ text: 'Be ' }, { text: 'short.' }] })
      .createSession()
      .send('hi');
    expect(linesOf(model.requests[0]?.messages)[0]).toBe('system: Be short.');
  });

  test('is rendered at each turn from the state as it then is', async () => {
    const model = answers();
    const session = sess({ model }).createSession({ initialState: { name: 'Pavel' } });
    const chat = session.chat({ system: ({ state }) => `The user is ${state.name}.` });
    await chat.send('hi');
    await session.updateState({ name: 'Olga' });
    await chat.send('hi');
    expect(model.requests.map(({ messages }) => linesOf(messages)[0])).toEqual([
      'system: The user is Pavel.',
      'system: The user is Olga.',
    ]);
  });

  test('is rendered from the state that another process has stored', async () => {
    const { id, store, session: other } = await storedSession();
    await other.updateState({ name: 'Pavel' });
    const model = answers();
    const session = await sess({ store: new OtherProcess(store), model }).loadSession(id);
    await other.updateState({ name: 'Olga' });
    await session.send('hi', { system: ({ state }) => `The user is ${state.name}.` });
    expect(linesOf(model.requests[0]?.messages)[0]).toBe('system: The user is Olga.');
    expect(session.state).toEqual({ name: 'Olga' });
  });

  test('may be awaited, and knows its session', async () => {
    const model = answers();
    const session = sess({ model }).createSession();
    await session.send('hi', { system: async ({ session: asked }) => `Session ${asked.id}.` });
    expect(linesOf(model.requests[0]?.messages)[0]).toBe(`system: Session ${session.id}.`);
  });

  test('that Genkit stored is hidden from the model and from messages, but counted', async () => {
    const store = memoryStore();
    const text = (role: 'system' | 'user' | 'model', said: string) => ({ role, content: [{ text: said }] });
    const marked = { ...text('system', 'Old.'), metadata: { preamble: true } };
    await store.save('genkit', { threads: { main: [marked, text('user', 'hi'), text('model', 'hello')] } });
    const model = answers();
    const session = await sess({ store, model }).loadSession('genkit');
    expect(linesOf(session.chat().messages)).toEqual(['user: hi', 'model: hello']);
    await session.send({ prompt: 'edited', keep: 1 });
    expect(linesOf(model.requests[0]?.messages)).toEqual(['user: edited']);
    expect(await session.history()).toHaveLength(3);
    expect(linesOf(session.chat().messages)).toEqual(['user: edited', 'model: one']);
  });
});

describe('the window', () => {
  const said = ['a', 'b', 'c', 'd', 'e'];

  test('sends the newest messages, and stores all', async () => {
    const { id, store } = await storedSession(said);
    const model = answers();
    const session = await sess({ store, model }).loadSession(id);
    const chat = session.chat({ window: 3, system: 'Be short.' });
    await chat.send('f');
    expect(linesOf(model.requests[0]?.messages)).toEqual(['system: Be short.', 'user: e', 'model: re: e', 'user: f']);
    expect(await session.history()).toHaveLength(12);
    expect(linesOf(chat.messages)).toEqual(['model: re: e', 'user: f', 'model: one']);
  });

  test('is all that is read', async () => {
    const { id, store } = await storedSession(said);
    const watched = new OtherProcess(store);
    const model = answers();
    const session = await sess({ store: watched, model, window: 3 }).loadSession(id);
    await session.send('f');
    expect(watched.reads).toEqual([{ last: 3 }]);
    const endpoint = sess({ store: watched, model, window: 3 }).createSession({ sessionId: id });
    await endpoint.send('g');
    expect(watched.reads.slice(1)).toEqual([{ threads: ['main'], last: 3 }]);
    expect(linesOf(model.requests[1]?.messages)).toEqual(['user: f', 'model: one', 'user: g']);
    expect((await store.get(id))?.lengths.main).toBe(14);
  });

  test('is whole also where the turn goes on from an earlier message', async () => {
    const { id, store } = await storedSession(said);
    const watched = new OtherProcess(store);
    const model = answers();
    const session = await sess({ store: watched, model, window: 3 }).loadSession(id);
    await session.send({ prompt: 'edited', keep: 4 });
    expect(linesOf(model.requests[0]?.messages)).toEqual(['user: b', 'model: re: b', 'user: edited']);
    expect(watched.reads).toEqual([{ last: 3 }, { threads: ['main'], last: 9 }]);
    expect(await session.history()).toHaveLength(6);
  });

  test('never begins with the answer to a tool request that is not shown', async () => {
    const { session } = await storedSession();
    const model = scriptedModel('ok');
    await session.chat().append([
      { role: 'user', content: 'time?' },
      { role: 'model', content: [{ toolRequest: { name: 'clock', ref: '1' } }] },
      { role: 'tool', content: [{ toolResponse: { name: 'clock', ref: '1', output: 'noon' } }] },
      { role: 'model', content: 'Noon.' },
    ]);
    await session.send('thanks', { model, window: 3 });
    expect(linesOf(model.requests[0]?.messages)).toEqual(['model: Noon.', 'user: thanks']);
  });

  test('of a chat that is larger than what was read is NOT_LOADED, until it is loaded', async () => {
    const { id, store } = await storedSession(said);
    const session = await sess({ store, window: 2 }).loadSession(id);
    expect(session.chat().messages).toHaveLength(2);
    const chat = session.chat({ window: 4 });
    await errorOf(() => chat.messages, 'NOT_LOADED');
    await chat.load();
    expect(linesOf(chat.messages)).toEqual(['user: d', 'model: re: d', 'user: e', 'model: re: e']);
  });
});

describe('a view by a function', () => {
  test('trims or summarises what is sent, never what is stored', async () => {
    const { session } = await storedSession(['a', 'b']);
    const model = answers();
    const history = async (messages: Parameters<typeof linesOf>[0]) => {
      const last = messages?.at(-1);
      return [{ role: 'user' as const, content: [{ text: `${messages?.length} so far` }] }, ...(last ? [last] : [])];
    };
    await session.send('c', { model, history });
    expect(linesOf(model.requests[0]?.messages)).toEqual(['user: 5 so far', 'user: c']);
    expect(linesOf(await session.history())).toEqual([
      'user: a',
      'model: re: a',
      'user: b',
      'model: re: b',
      'user: c',
      'model: one',
    ]);
  });

  test('is given a copy', async () => {
    const { session } = await storedSession(['a']);
    await session.send('b', {
      model: answers(),
      history: (messages) => {
        for (const message of messages) message.content = [];
        return messages.splice(0);
      },
    });
    expect(linesOf(await session.history())[0]).toBe('user: a');
  });
});
