import { type Model, SessError, sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { echo, failing, heldModel, kindOf, linesOf, OtherProcess, storedSession } from './chat-samples.ts';
import { errorOf } from './samples.ts';

const answering = (text: string): Model => scriptedModel(text);

describe('send', () => {
  test('takes a text, parts, or a prompt of either', async () => {
    const session = sess({ model: echo }).createSession();
    await session.send('text');
    await session.send([{ text: 'parts' }]);
    await session.send({ prompt: 'prompt' });
    await session.send({ prompt: [{ text: 'prompt of parts' }] });
    expect(linesOf(session.chat().messages).filter((line) => line.startsWith('user'))).toEqual([
      'user: text',
      'user: parts',
      'user: prompt',
      'user: prompt of parts',
    ]);
  });

  test('takes messages, whose content may be a text, before the prompt', async () => {
    const model = scriptedModel('hello');
    const session = sess({ model }).createSession();
    await session.send({
      messages: [
        { role: 'user', content: 'one' },
        { role: 'model', content: [{ text: 'two' }] },
      ],
      prompt: 'three',
    });
    expect(linesOf(await session.history())).toEqual(['user: one', 'model: two', 'user: three', 'model: hello']);
    expect((await session.history())[0]?.content).toEqual([{ text: 'one' }]);
  });

  test('with no messages, runs the model on what is there', async () => {
    const model = scriptedModel(new Error('overloaded'), 'hello');
    const chat = sess({ model }).createSession().chat();
    await errorOf(() => chat.send('hi'), 'MODEL_FAILED');
    await chat.send({ messages: [] });
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: hello']);
    expect(linesOf(model.requests[1]?.messages)).toEqual(['user: hi']);
  });

  test('goes on from message n with keep: n, for edit and regenerate', async () => {
    const { session } = await storedSession(['one', 'two']);
    const chat = session.chat();
    await chat.send({ prompt: 'three', keep: 2 });
    expect(linesOf(chat.messages)).toEqual(['user: one', 'model: re: one', 'user: three', 'model: re: three']);
    await chat.send({ messages: [], keep: 3 }, { model: answering('again') });
    expect(linesOf(await session.history())).toEqual(['user: one', 'model: re: one', 'user: three', 'model: again']);
  });

  test('refuses a keep that cannot be right', async () => {
    const { session } = await storedSession(['one']);
    for (const keep of [-1, 1.5, 3, Number.NaN]) {
      await errorOf(() => session.send({ prompt: 'two', keep }), 'INVALID_ARGUMENT');
    }
    expect(await session.history()).toHaveLength(2);
  });

  test('options of one send do not stick', async () => {
    const model = scriptedModel('first', 'second');
    const chat = sess({ model: echo }).createSession().chat();
    await chat.send('one', { model, system: 'Be short.', config: { temperature: 1 } });
    expect((await chat.send('two')).text).toBe('re: two');
    await chat.send('three', { model });
    expect(model.requests[0]).toMatchObject({ config: { temperature: 1 } });
    expect(model.requests[1]).not.toHaveProperty('config');
    expect(model.requests[1]?.messages.map(({ role }) => role)).not.toContain('system');
  });

  test('the nearest option counts: of the send, its input, the chat, sess()', async () => {
    const ai = sess({ model: answering('sess') });
    expect((await ai.createSession().send('hi')).text).toBe('sess');
    const chat = ai.createSession().chat({ model: answering('chat') });
    expect((await chat.send('hi', { model: undefined })).text).toBe('chat');
    expect((await chat.send({ prompt: 'hi', model: answering('input') })).text).toBe('input');
    expect((await chat.send({ prompt: 'hi', model: answering('input') }, { model: answering('send') })).text).toBe(
      'send',
    );
  });

  test('resolves names of models by `models`, and says which is missing', async () => {
    const ai = sess({ model: 'fast', models: (name) => (name === 'fast' ? echo : undefined) });
    expect((await ai.createSession().send('hi')).text).toBe('re: hi');
    const error = await errorOf(() => ai.createSession().send('hi', { model: 'slow' }), 'INVALID_ARGUMENT');
    expect(error.message).toContain('"slow"');
    await errorOf(() => sess().createSession().send('hi'), 'INVALID_ARGUMENT');
  });

  test('hands the model its own copy', async () => {
    const { session } = await storedSession(['one']);
    const vandal: Model = async ({ messages }) => {
      for (const message of messages) message.content.length = 0;
      return { message: { role: 'model', content: [{ text: 'done' }] } };
    };
    await session.send('two', { model: vandal });
    expect(linesOf(await session.history())).toEqual(['user: one', 'model: re: one', 'user: two', 'model: done']);
  });

  test('stores what the messages were when it was called', async () => {
    const session = sess({ model: echo }).createSession();
    const parts = [{ text: 'one' }];
    const turn = session.send(parts);
    parts.push({ text: ' and more' });
    await turn;
    expect(linesOf(await session.history())[0]).toBe('user: one');
  });

  test.each([
    [{ messages: 5 }],
    [{ messages: [null] }],
    [{ messages: ['hi'] }],
    [{ messages: new Array(1) }],
    [[null]],
    [[{ toolRequest: null }]],
    [[{ toolRequest: 'add' }]],
    [[{ toolResponse: null }]],
  ])('refuses what is no message, before anything is written: %j', async (given) => {
    const store = new OtherProcess();
    const session = sess({ store, model: echo }).createSession();
    await errorOf(() => session.send(given as never), 'INVALID_ARGUMENT');
    const messages = Array.isArray(given) ? [{ role: 'user', content: given }] : given.messages;
    await errorOf(() => session.chat().append(messages as never), 'INVALID_ARGUMENT');
    await errorOf(() => session.chat({ messages: messages as never }), 'INVALID_ARGUMENT');
    expect(store.commits).toEqual([]);
  });

  test('refuses content that cannot be stored, before anything is written', async () => {
    const store = new OtherProcess();
    const session = sess({ store, model: echo }).createSession();
    const error = await errorOf(() => session.send([{ data: { price: Number.NaN } }]), 'NOT_SERIALIZABLE');
    expect(error.message).toContain('content[0].data.price');
    await errorOf(() => session.send({ messages: [{ role: 'robot' as never, content: 'hi' }] }), 'INVALID_ARGUMENT');
    await errorOf(() => session.send({ messages: [{ role: 'user', content: ['hi'] as never }] }), 'INVALID_ARGUMENT');
    expect(store.commits).toEqual([]);
  });

  test('stores the question before the model is called', async () => {
    const model = heldModel();
    const { session, store } = await storedSession();
    const turn = session.send('hi', { model });
    await model.called;
    expect(linesOf((await store.get(session.id))?.threads?.main)).toEqual(['user: hi']);
    model.answer('hello');
    await turn;
  });

  test('makes two commits for a turn: one opens it, one closes it', async () => {
    const store = new OtherProcess();
    await sess({ store, model: echo }).createSession().send('hi');
    expect(store.commits.map(kindOf)).toEqual(['open', 'close']);
    expect(store.reads).toEqual([]);
  });
});

describe('the response', () => {
  test('has text, message, messages, usage and finishReason', async () => {
    const usage = { inputTokens: 2, outputTokens: 3, totalTokens: 5 };
    const content = [{ text: 'Hel' }, { text: 'lo' }];
    const model: Model = async () => ({ message: { role: 'model', content }, finishReason: 'length', usage });
    const response = await sess({ model }).createSession().send('hi');
    expect(response.text).toBe('Hello');
    expect(response.response).toBe('Hello');
    expect(response.message).toMatchObject({ role: 'model', content });
    expect(linesOf(response.messages)).toEqual(['user: hi', 'model: Hello']);
    expect(response.finishReason).toBe('length');
    expect(response.usage).toEqual(usage);
    expect(response.toolRequests).toEqual([]);
  });

  test('stops for a model that does not say why', async () => {
    const response = await sess({ model: echo }).createSession().send('hi');
    expect(response.finishReason).toBe('stop');
    expect(response.usage).toEqual({});
  });

  test('tells which tools were asked for', async () => {
    const request = { toolRequest: { name: 'clock', input: {} } };
    const response = await sess({ model: scriptedModel([request]) })
      .createSession()
      .send('hi');
    expect(response.toolRequests).toMatchObject([request]);
  });
});

describe('what is stored of a message', () => {
  test('is stamped with an id of its own, the turn and the time', async () => {
    const { session } = await storedSession(['one', 'two']);
    const stamps = (await session.history()).map(({ metadata }) => metadata?.sess as Record<string, unknown>);
    expect(new Set(stamps.map(({ id }) => id)).size).toBe(4);
    expect(stamps[0]?.turn).toBe(stamps[1]?.turn);
    expect(stamps[1]?.turn).not.toBe(stamps[2]?.turn);
    expect(stamps.every(({ at }) => Number.isSafeInteger(at))).toBe(true);
  });

  test('keeps the metadata of the caller beside the stamp', async () => {
    const session = sess({ model: echo }).createSession();
    await session.send({ messages: [{ role: 'user', content: 'hi', metadata: { source: 'web' } }] });
    expect((await session.history())[0]?.metadata).toMatchObject({ source: 'web', sess: {} });
  });

  test('has a ref on every tool request, and keeps the one it has', async () => {
    const asked = [
      { toolRequest: { name: 'a' } },
      { toolRequest: { name: 'b', ref: '7' } },
      { toolRequest: { name: 'c', ref: '' } },
    ];
    const session = sess({ model: scriptedModel(asked) }).createSession();
    await session.send('hi');
    const refs = (await session.history())[1]?.content.map(({ toolRequest }) => toolRequest?.ref) ?? [];
    expect(refs[1]).toBe('7');
    expect(refs.every((ref) => typeof ref === 'string' && ref !== '')).toBe(true);
    expect(new Set(refs).size).toBe(3);
  });

  test('answers tool requests that were left open, with an error', async () => {
    const model = scriptedModel(
      [{ toolRequest: { name: 'clock', ref: '1' } }, { toolRequest: { name: 'map', ref: '2' } }],
      'ok',
    );
    const session = sess({ model }).createSession();
    await session.send('hi');
    await session.send({
      messages: [{ role: 'tool', content: [{ toolResponse: { name: 'clock', ref: '1', output: 'noon' } }] }],
      prompt: 'and now?',
    });
    const [, , lost, given] = await session.history();
    expect(lost).toMatchObject({
      role: 'tool',
      content: [{ toolResponse: { name: 'map', ref: '2', output: { error: expect.any(String) } } }],
    });
    expect(given).toMatchObject({ role: 'tool', content: [{ toolResponse: { ref: '1' } }] });
    expect(model.requests[1]?.messages.map(({ role }) => role)).toEqual(['user', 'model', 'tool', 'tool', 'user']);
  });
});

describe('a model that fails', () => {
  const chatOn = (model: Model) => sess({ model }).createSession().chat();

  test('rejects with MODEL_FAILED, which names the session, not the content', async () => {
    const chat = chatOn(scriptedModel(new Error('the key is s3cr3t')));
    const error = await errorOf(() => chat.send('my password'), 'MODEL_FAILED');
    expect(error).toMatchObject({ sessionId: chat.session.id, thread: 'main', cause: new Error('the key is s3cr3t') });
    expect(error.message).not.toMatch(/s3cr3t|password/);
  });

  test.each([{ retryable: true }, { isRetryable: true }])('is retryable where the model says so: %o', async (sign) => {
    const model = scriptedModel(Object.assign(new Error('429'), sign));
    expect((await errorOf(() => chatOn(model).send('hi'), 'MODEL_FAILED')).retryable).toBe(true);
    expect((await errorOf(() => chatOn(scriptedModel(new Error('x'))).send('hi'), 'MODEL_FAILED')).retryable).toBe(
      false,
    );
  });

  test('leaves the question, and closes the turn: the next send goes on at once', async () => {
    const chat = chatOn(scriptedModel(new Error('overloaded'), 'hello'));
    await errorOf(() => chat.send('one'), 'MODEL_FAILED');
    expect(await chat.openTurn()).toBeUndefined();
    await chat.send('two', { whenBusy: 'reject' });
    expect(linesOf(chat.messages)).toEqual(['user: one', 'user: two', 'model: hello']);
  });

  test('leaves the part that it had said, marked', async () => {
    const model = heldModel('one ', 'two ');
    const chat = chatOn(model);
    const turn = chat.send('hi');
    await model.called;
    model.answer(new Error('overloaded'));
    await errorOf(() => turn, 'MODEL_FAILED');
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: one two ']);
    expect(chat.messages[1]?.metadata?.sess).toMatchObject({ end: 'failed' });
  });

  test('may throw synchronously', async () => {
    const model = (() => {
      throw new Error('at once');
    }) as unknown as Model;
    const error = await errorOf(() => chatOn(model).send('hi'), 'MODEL_FAILED');
    expect(error.cause).toEqual(new Error('at once'));
  });

  test.each([
    ['nothing', undefined],
    ['no message', {}],
    ['a text', 'hello'],
    ['a message without content', { message: { role: 'model' } }],
    ['a message of the user', { message: { role: 'user', content: [{ text: 'hi' }] } }],
    ['a part that is no object', { message: { role: 'model', content: ['hi'] } }],
    ['content that cannot be stored', { message: { role: 'model', content: [{ data: () => 1 }] } }],
  ])('by an answer that is none: %s', async (_, answer) => {
    const chat = chatOn((async () => answer) as unknown as Model);
    await errorOf(() => chat.send('hi'), 'MODEL_FAILED');
    expect(linesOf(chat.messages)).toEqual(['user: hi']);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test.each([
    ['that cannot be stored', { content: [{ data: () => 1 }] }],
    ['whose text is none', { content: [{ text: Symbol('hi') }, { text: 'hi' }] }],
    ['with a part that is null', { content: [{ text: 'hi' }, null] }],
    ['without content', {}],
  ])('after a chunk %s: the turn is closed all the same', async (_, chunk) => {
    const model: Model = async (_, onChunk) => {
      onChunk?.(chunk as never);
      throw new Error('overloaded');
    };
    const chat = chatOn(model);
    await errorOf(() => chat.send('hi'), 'MODEL_FAILED');
    expect(await chat.openTurn()).toBeUndefined();
    expect(linesOf(chat.messages)).toEqual(['user: hi']);
  });

  test('in a system function: the turn is closed, with the error of the function', async () => {
    const chat = chatOn(echo);
    const system = () => {
      throw new RangeError('no template');
    };
    await expect(chat.send('hi', { system })).rejects.toThrow(new RangeError('no template'));
    expect(await chat.openTurn()).toBeUndefined();
  });
});

describe('a store that fails', () => {
  test('at the opening commit: the send fails, the model is not called, nothing is shown', async () => {
    const store = new OtherProcess().on('open', { before: failing() });
    const model = scriptedModel('hello', 'hello');
    const chat = sess({ store, model }).createSession().chat();
    await errorOf(() => chat.send('hi'), 'STORE_FAILED');
    expect(model.requests).toHaveLength(0);
    expect(chat.messages).toEqual([]);
    store.on('open', {});
    await chat.send('again');
    expect(linesOf(chat.messages)).toEqual(['user: again', 'model: hello']);
  });

  test('at the opening commit, which landed all the same: the next send goes on at once', async () => {
    const { session, id, store: data } = await storedSession(['one']);
    const store = new OtherProcess(data).on('open', { after: failing() });
    const chat = (await sess({ store, model: echo }).loadSession(id)).chat();
    await errorOf(() => chat.send('two'), 'STORE_FAILED');
    expect(linesOf(chat.messages)).toEqual(['user: one', 'model: re: one']);
    store.on('open', {});
    await chat.send('three');
    expect(linesOf(await session.history()).slice(2)).toEqual(['user: two', 'user: three', 'model: re: three']);
  });

  test('at the closing commit: the send fails, and what the model said is kept as far as it can be', async () => {
    let failures = 1;
    const store = new OtherProcess().on('close', {
      before: () => {
        failures -= 1;
        if (failures >= 0) failing()();
      },
    });
    const chat = sess({ store, model: scriptedModel('hello') })
      .createSession()
      .chat();
    await errorOf(() => chat.send('hi'), 'STORE_FAILED');
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: hello']);
    expect(chat.messages[1]?.metadata?.sess).toMatchObject({ end: 'failed' });
  });

  test('at the closing commit, again and again: the next send takes the thread at once', async () => {
    const store = new OtherProcess().on('close', { before: failing() });
    const chat = sess({ store, model: echo }).createSession().chat();
    const error = await errorOf(() => chat.send('one'), 'STORE_FAILED');
    expect((error.cause as AggregateError).errors).toHaveLength(2);
    expect(linesOf(chat.messages)).toEqual(['user: one']);
    store.on('close', {});
    await chat.send('two', { whenBusy: 'reject' });
    expect(linesOf(chat.messages)).toEqual(['user: one', 'user: two', 'model: re: two']);
  });

  test('at the closing commit, which landed all the same: nothing is stored twice', async () => {
    const store = new OtherProcess().on('close', { after: failing() });
    const chat = sess({ store, model: echo }).createSession().chat();
    await errorOf(() => chat.send('one'), 'STORE_FAILED');
    store.on('close', {});
    await chat.send('two');
    expect(linesOf(chat.messages)).toEqual(['user: one', 'model: re: one', 'user: two', 'model: re: two']);
  });

  test('shows only what is known to be stored', async () => {
    const store = new OtherProcess().on('close', { before: failing() });
    const chat = sess({ store, model: echo }).createSession().chat();
    await errorOf(() => chat.send('one'), 'STORE_FAILED');
    expect(linesOf(chat.messages)).toEqual(linesOf((await store.get(chat.session.id))?.threads?.main));
  });

  test('by refusing a message that is too large: the question stays, the turn is closed', async () => {
    const store = new OtherProcess().on('close', {
      before: ({ threads }) => {
        if (threads?.main?.append.length) throw tooLarge();
      },
    });
    const chat = sess({ store, model: echo }).createSession().chat();
    await errorOf(() => chat.send('hi'), 'TOO_LARGE');
    expect(linesOf(chat.messages)).toEqual(['user: hi']);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('by refusing the partial answer of a model that failed: the turn is closed without it', async () => {
    const store = new OtherProcess().on('close', {
      before: ({ threads }) => {
        if (threads?.main?.append.length) throw tooLarge();
      },
    });
    const model = heldModel('much ', 'text ');
    const chat = sess({ store, model }).createSession().chat();
    const turn = chat.send('hi');
    await model.called;
    model.answer(new Error('overloaded'));
    await errorOf(() => turn, 'MODEL_FAILED');
    expect((await store.get(chat.session.id))?.openTurns).toBeUndefined();
  });
});

function tooLarge(): SessError {
  return new SessError('TOO_LARGE', 'A message has 3 bytes; the store takes 2.');
}
