import { memoryStore, type Sess, sess } from '@sess/core';
import { type ScriptedModel, scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { OtherProcess } from './chat-samples.ts';
import { errorOf, gate, user } from './samples.ts';
import { expectWellFormed, failure, outline, outputsOf, request } from './tool-samples.ts';

/** What every process of the application defines. */
function define(ai: Sess) {
  return [
    ai.defineTool({ name: 'clock', description: '' }, () => 'noon'),
    ai.defineInterrupt({
      name: 'confirm',
      description: 'Asks the user.',
      inputSchema: z.object({ amount: z.number() }),
      outputSchema: z.enum(['yes', 'no']),
      requestMetadata: ({ amount }) => ({ question: `Pay ${amount}?` }),
    }),
    ai.defineTool({ name: 'pay', description: '' }, (input, { interrupt }) => {
      if (input === 'much') interrupt({ reason: 'much' });
      return 'paid';
    }),
  ];
}

const asked = [
  { text: 'Wait.' },
  request('clock', '1'),
  request('confirm', '2', { amount: 5 }),
  request('pay', '3', 'much'),
  request('pay', '4', 'little'),
];

/** A chat that waits for the answers 2 and 3. */
async function interrupted(model: ScriptedModel = scriptedModel(asked, 'Paid.', 'later')) {
  const store = new OtherProcess(memoryStore());
  const ai = sess({ store, model });
  const tools = define(ai);
  const chat = ai.createSession().chat({ tools });
  const response = await chat.send('Pay!');
  return { chat, response, model, store, tools, id: chat.session.id };
}

const answers = [
  { ref: '2', output: 'yes' },
  { ref: '3', output: { by: 'boss' } },
];

describe('an interrupt', () => {
  test('ends the turn, and tells what waits and why', async () => {
    const { chat, response } = await interrupted();
    expect(response.finishReason).toBe('interrupted');
    expect(response.text).toBe('Wait.');
    expect(response.interrupts.map(({ toolRequest, metadata }) => [toolRequest.ref, metadata?.interrupt])).toEqual([
      ['2', { question: 'Pay 5?' }],
      ['3', { reason: 'much' }],
    ]);
    expect(response.toolRequests).toEqual(response.interrupts);
    expect(chat.interrupts).toEqual(response.interrupts);
  });

  test('is stored with the finished responses, in the commit that closes the turn', async () => {
    const { chat, store } = await interrupted();
    expect(outline(await chat.session.history())).toEqual([
      'user: Pay!',
      'model: Wait. → clock#1 → confirm#2 (interrupt) → pay#3 (interrupt) → pay#4',
      'tool: clock#1 = "noon" pay#4 = "paid"',
    ]);
    expect(store.commits).toHaveLength(2);
    expect(store.commits[1]?.threads?.main?.turn).toBeNull();
    expectWellFormed(chat.messages, ['2', '3']);
  });

  test('alone leaves no tool message', async () => {
    const ai = sess({ model: scriptedModel([request('confirm', '1', { amount: 1 })]) });
    const chat = ai.createSession().chat({ tools: define(ai) });
    expect((await chat.send('Pay!')).messages.map(({ role }) => role)).toEqual(['user', 'model']);
  });

  test('that says nothing is marked all the same', async () => {
    const ai = sess({ model: scriptedModel([request('ask', '1')]) });
    const ask = ai.defineInterrupt({ name: 'ask', description: '' });
    const { interrupts } = await ai.createSession().send('go', { tools: [ask] });
    expect(interrupts[0]?.metadata).toEqual({ interrupt: true });
  });

  test('cannot be caught by its tool', async () => {
    const ai = sess({ model: scriptedModel([request('sly', '1')]) });
    const sly = ai.defineTool({ name: 'sly', description: '' }, (_, { interrupt }) => {
      try {
        return interrupt();
      } catch {
        return 'as if nothing had happened';
      }
    });
    const chat = ai.createSession().chat({ tools: [sly] });
    expect((await chat.send('go')).finishReason).toBe('interrupted');
  });

  test('whose metadata cannot be stored is an error for the model', async () => {
    const ai = sess({ model: scriptedModel([request('odd', '1')], 'ok') });
    const odd = ai.defineTool({ name: 'odd', description: '' }, (_, { interrupt }) => interrupt({ next: () => 0 }));
    const { messages, finishReason } = await ai.createSession().send('go', { tools: [odd] });
    expect(finishReason).toBe('stop');
    expect(outputsOf(messages)).toEqual({ 1: failure('metadata.next is a Function') });
  });

  test('whose input does not fit does not wait', async () => {
    const ai = sess({ model: scriptedModel([request('confirm', '1', {})], 'ok') });
    const { messages } = await ai.createSession().send('go', { tools: define(ai) });
    expect(outputsOf(messages)).toEqual({ 1: failure(/^input\.amount: /) });
  });
});

describe('respond', () => {
  test('goes on with the same turn', async () => {
    const { chat, model } = await interrupted();
    const { text, messages, finishReason } = await chat.respond(answers);
    expect({ text, finishReason }).toEqual({ text: 'Paid.', finishReason: 'stop' });
    expect(outline(messages).slice(2)).toEqual([
      'tool: clock#1 = "noon" pay#4 = "paid"',
      'tool: confirm#2 = "yes" pay#3 = {"by":"boss"}',
      'model: Paid.',
    ]);
    expect(outline(model.requests[1]?.messages ?? [])).toEqual(outline(messages.slice(0, 4)));
    const turns = messages.map(({ metadata }) => metadata?.sess as { turn: string });
    expect(new Set(turns.map(({ turn }) => turn)).size).toBe(1);
    expect(chat.interrupts).toEqual([]);
    expectWellFormed(messages);
    expect((await chat.send('thanks')).text).toBe('later');
  });

  test('also in another process, after loadSession', async () => {
    const { id, store } = await interrupted();
    const model = scriptedModel('Paid.');
    const ai = sess({ store: new OtherProcess(store), model });
    const chat = (await ai.loadSession(id)).chat({ tools: define(ai) });
    expect(chat.interrupts.map(({ toolRequest }) => toolRequest.ref)).toEqual(['2', '3']);
    expect((await chat.respond(answers)).text).toBe('Paid.');
    expectWellFormed(await chat.session.history());
  });

  test('also with a window that shows only the responses', async () => {
    const { id, store } = await interrupted();
    const model = scriptedModel('Paid.');
    const ai = sess({ store: new OtherProcess(store), model, window: 1 });
    const chat = ai.createSession({ sessionId: id }).chat({ tools: define(ai) });
    await errorOf(() => chat.send('hi'), 'INTERRUPT_PENDING');
    expect((await chat.respond(answers)).text).toBe('Paid.');
    expect(outline(model.requests[0]?.messages ?? [])[0]).toMatch(/^model: Wait\./);
  });

  test('knows what waits with a small window too, once the chat is loaded', async () => {
    const { id, store } = await interrupted();
    const ai = sess({ store: new OtherProcess(store), window: 1 });
    const chat = (await ai.loadSession(id)).chat();
    await errorOf(() => chat.interrupts, 'NOT_LOADED');
    await chat.load();
    expect(chat.interrupts).toHaveLength(2);
    expect(chat.messages).toHaveLength(1);
  });

  test('may be interrupted again', async () => {
    const { chat } = await interrupted(scriptedModel(asked, [request('confirm', '5', { amount: 6 })], 'Paid.'));
    expect((await chat.respond(answers)).interrupts.map(({ toolRequest }) => toolRequest.ref)).toEqual(['5']);
    expect((await chat.respond([{ ref: '5', output: 'no' }])).text).toBe('Paid.');
    expectWellFormed(chat.messages);
  });

  test('stores null for nothing', async () => {
    const { chat } = await interrupted();
    const { messages } = await chat.respond([
      { ref: '2', output: 'no' },
      { ref: '3', output: undefined },
    ]);
    expect(outputsOf(messages)).toMatchObject({ 3: null });
  });

  test.each([undefined, null, 'yes', { ref: '2', output: 'yes' }, [null], ['2']])(
    'is refused where there are no answers: %j; they still wait',
    async (given) => {
      const { chat, store } = await interrupted();
      await errorOf(() => chat.respond(given as never), 'INVALID_ARGUMENT');
      expect(store.commits).toHaveLength(2);
      expect(chat.interrupts).toHaveLength(2);
    },
  );

  test.each([
    ['one is missing', [{ ref: '2', output: 'yes' }], '3'],
    ['one was not asked for', [...answers, { ref: '4', output: 'yes' }], '4'],
    ['one is given twice', [...answers, { ref: '2', output: 'no' }], '2'],
    [
      'one does not fit its tool',
      [
        { ref: '2', output: 'maybe' },
        { ref: '3', output: 1 },
      ],
      '2',
    ],
  ])('is refused where %s, and names it; they still wait', async (_, given, ref) => {
    const { chat, store } = await interrupted();
    const error = await errorOf(() => chat.respond(given), 'INVALID_ARGUMENT');
    expect(error.message).toMatch(new RegExp(`\\b${ref}\\b`));
    expect(error.message).not.toContain('maybe');
    expect(store.commits).toHaveLength(2);
    expect(chat.interrupts).toHaveLength(2);
  });

  test('is refused where an answer cannot be stored', async () => {
    const { chat } = await interrupted();
    await errorOf(
      () =>
        chat.respond([
          { ref: '2', output: 'yes' },
          { ref: '3', output: () => 0 },
        ]),
      'NOT_SERIALIZABLE',
    );
  });

  test('is refused where nothing waits', async () => {
    const { chat } = await interrupted();
    await chat.respond(answers);
    await errorOf(() => chat.respond(answers), 'INVALID_ARGUMENT');
  });

  test('of two processes at once counts once', async () => {
    const { id, store, chat } = await interrupted();
    const other = sess({ store: new OtherProcess(store), model: scriptedModel('Paid.') });
    const there = (await other.loadSession(id)).chat({ tools: define(other) });
    const outcomes = await Promise.allSettled([chat.respond(answers), there.respond(answers)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const history = await chat.session.history();
    expectWellFormed(history);
    expect(history.filter(({ role }) => role === 'tool')).toHaveLength(2);
  });

  test('keeps the answers where the model then fails, and the next send goes on', async () => {
    const { chat } = await interrupted(scriptedModel(asked, new Error('overloaded'), 'Paid.'));
    await errorOf(() => chat.respond(answers), 'MODEL_FAILED');
    expect(chat.interrupts).toEqual([]);
    expectWellFormed(chat.messages);
    expect((await chat.send({ messages: [] })).text).toBe('Paid.');
  });
});

describe('while one waits', () => {
  test('send and append are INTERRUPT_PENDING, and store nothing', async () => {
    const { chat, store } = await interrupted();
    await errorOf(() => chat.send('hello?'), 'INTERRUPT_PENDING');
    await errorOf(() => chat.send({ messages: [] }), 'INTERRUPT_PENDING');
    await errorOf(() => chat.append([user('hello?')]), 'INTERRUPT_PENDING');
    expect(store.commits).toHaveLength(2);
  });

  test('the responses may come as tool messages too, all at once or one by one', async () => {
    const { chat, model } = await interrupted();
    const answer = (name: string, ref: string) => ({
      role: 'tool' as const,
      content: [{ toolResponse: { name, ref, output: 'yes' } }],
    });
    await chat.append([answer('confirm', '2')]);
    expect(chat.interrupts.map(({ toolRequest }) => toolRequest.ref)).toEqual(['3']);
    await errorOf(() => chat.send('hello?'), 'INTERRUPT_PENDING');
    await chat.send({ messages: [answer('pay', '3')] });
    expectWellFormed(model.requests[1]?.messages ?? []);
  });

  test('openTurn says interrupted, in any process', async () => {
    const { chat, id, store, response } = await interrupted();
    const { turn, at } = (response.messages[0]?.metadata?.sess ?? {}) as { turn: string; at: number };
    expect(await chat.openTurn()).toEqual({ id: turn, openedAt: at, status: 'interrupted' });
    const there = sess({ store: new OtherProcess(store), window: 1 }).createSession({ sessionId: id });
    expect(await there.chat().openTurn()).toMatchObject({ id: turn, status: 'interrupted' });
    await chat.respond(answers);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('keep drops it', async () => {
    const { chat } = await interrupted();
    expect((await chat.send({ prompt: 'Do not pay.', keep: 0 })).text).toBe('Paid.');
    expect(outline(chat.messages)).toEqual(['user: Do not pay.', 'model: Paid.']);
  });

  test('truncate drops it', async () => {
    const { chat } = await interrupted();
    await chat.truncate(1);
    expect(chat.interrupts).toEqual([]);
    await chat.send('Well?');
  });

  test('reset drops it', async () => {
    const { chat } = await interrupted();
    await chat.session.reset();
    expect(chat.interrupts).toEqual([]);
    await chat.send('Well?');
  });

  test('discard drops it, with all of its turn and nothing else', async () => {
    const { chat } = await interrupted(scriptedModel('Hello.', asked, 'later'));
    await chat.send('Pay!');
    expect(chat.interrupts).toHaveLength(2);
    expect(await chat.discard()).toBe(true);
    expect(outline(chat.messages)).toEqual(['user: Pay!', 'model: Hello.']);
    expect(await chat.discard()).toBe(false);
    expect((await chat.send('Well?')).text).toBe('later');
  });

  test('other threads go on', async () => {
    const { chat, model } = await interrupted();
    expect((await chat.session.chat('other').send('hi')).text).toBe('Paid.');
    expect(model.requests[1]?.messages).toHaveLength(1);
  });

  test('a fork waits too', async () => {
    const { chat } = await interrupted();
    const fork = await chat.session.fork();
    expect((await fork.chat({ tools: ['clock'] }).respond(answers)).text).toBe('Paid.');
    expect(chat.interrupts).toHaveLength(2);
  });
});

describe('an interrupt that Genkit has stored', () => {
  const stored = async () => {
    const store = memoryStore();
    const asking = { ...request('confirm', '1'), metadata: { interrupt: true } };
    await store.save('genkit', {
      threads: { main: [user('Hello'), user('Pay!'), { role: 'model', content: [asking] }] },
    });
    const ai = sess({ store, model: scriptedModel('Paid.') });
    return (await ai.loadSession('genkit')).chat();
  };

  test('waits like any other', async () => {
    const chat = await stored();
    expect(await chat.openTurn()).toEqual({ id: '', openedAt: 0, status: 'interrupted' });
    await errorOf(() => chat.send('Well?'), 'INTERRUPT_PENDING');
    expect((await chat.respond([{ ref: '1', output: 'yes' }])).text).toBe('Paid.');
    expectWellFormed(chat.messages);
  });

  test('is all that discard removes, since nobody knows what else belongs to its turn', async () => {
    const chat = await stored();
    expect(await chat.discard()).toBe(true);
    expect(outline(chat.messages)).toEqual(['user: Hello', 'user: Pay!']);
    expect(await chat.openTurn()).toBeUndefined();
  });
});

describe('a turn that responds, and whose process is killed', () => {
  test('is resumed from the answers', async () => {
    const { id, store } = await interrupted();
    const killed = new OtherProcess(store);
    const called = gate();
    const dying = sess({
      store: killed,
      leaseMs: 100,
      model: () => {
        called.open();
        return new Promise(() => {});
      },
    });
    const turn = (await dying.loadSession(id)).chat({ tools: define(dying) }).respond(answers);
    turn.catch(() => {});
    await called.promise;
    killed.freeze();
    const ai = sess({ store: new OtherProcess(store), model: scriptedModel('Paid.') });
    const chat = (await ai.loadSession(id)).chat({ tools: define(ai) });
    expect(await chat.openTurn()).toMatchObject({ status: 'abandoned' });
    expect((await chat.resume()).text).toBe('Paid.');
    expectWellFormed(chat.messages);
  });
});
