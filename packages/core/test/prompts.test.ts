import { type Sess, sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { linesOf, OtherProcess, settleDown } from './chat-samples.ts';
import { errorOf, gate } from './samples.ts';
import { expectWellFormed, failure, outline, outputsOf, request } from './tool-samples.ts';

interface State {
  name: string;
}
const initialState: State = { name: 'Pavel' };
const answers = () => scriptedModel('one', 'two', 'three', 'four');

describe('a prompt', () => {
  test('is the preamble of a chat, rendered at each turn and never stored', async () => {
    const model = answers();
    const ai = sess<State>({ model });
    const greeter = ai.definePrompt({
      name: 'greeter',
      system: ({ state }) => `Greet ${state.name}.`,
      messages: async ({ session }) => [
        { role: 'user', content: 'Who am I?' },
        { role: 'model', content: [{ text: `One of session ${session?.id}.` }] },
      ],
    });
    const session = ai.createSession({ initialState });
    const chat = session.chat(greeter);
    await chat.send('hi');
    await session.updateState({ name: 'Olga' });
    await chat.send('hi');
    const example = ['user: Who am I?', `model: One of session ${session.id}.`];
    expect(linesOf(model.requests[0]?.messages)).toEqual(['system: Greet Pavel.', ...example, 'user: hi']);
    expect(linesOf(model.requests[1]?.messages).slice(0, 4)).toEqual(['system: Greet Olga.', ...example, 'user: hi']);
    expect(linesOf(await session.history())).toEqual(['user: hi', 'model: one', 'user: hi', 'model: two']);
  });

  test('brings model, config, tools, toolChoice, maxTurns and output', async () => {
    const model = scriptedModel([request('clock', '1')], [request('clock', '2')]);
    const ai = sess();
    ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const prompt = ai.definePrompt({
      name: 'strict',
      model,
      config: { temperature: 0 },
      tools: ['clock'],
      toolChoice: 'required',
      maxTurns: 1,
      output: { format: 'json' },
    });
    await errorOf(() => ai.chat(prompt).send('hi'), 'LIMIT_REACHED');
    expect(model.requests[0]).toMatchObject({
      config: { temperature: 0 },
      tools: [{ name: 'clock' }],
      toolChoice: 'required',
      output: { format: 'json' },
    });
  });

  test('counts more than sess(), less than the options of the chat', async () => {
    const model = answers();
    const ai = sess({ model, system: 'sess', config: { from: 'sess' } });
    const prompt = ai.definePrompt({ name: 'p', system: 'prompt', config: { from: 'prompt' } });
    await ai.chat(prompt, { config: { from: 'chat' } }).send('hi');
    await ai.chat(prompt).send('hi');
    expect(model.requests.map(({ config }) => config?.from)).toEqual(['chat', 'prompt']);
    expect(linesOf(model.requests[0]?.messages)[0]).toBe('system: prompt');
  });

  test('is given an input, as its schema gives it back', async () => {
    const model = answers();
    const ai = sess({ model });
    const input = z.object({ topic: z.string(), style: z.string().default('plain') });
    const prompt = ai.definePrompt({
      name: 'explain',
      input,
      system: ({ input: { topic, style } }) => `Explain ${topic} in ${style} words.`,
    });
    const session = ai.createSession();
    await session.chat('law', prompt, { input: { topic: 'law' } }).send('hi');
    await ai.chat(prompt, { input: { topic: 'art', style: 'few' } }).send('hi');
    expect(model.requests.map(({ messages }) => linesOf(messages)[0])).toEqual([
      'system: Explain law in plain words.',
      'system: Explain art in few words.',
    ]);
    expect(session.threads).toEqual(['law']);
  });

  test('refuses an input that does not fit, before anything is stored', async () => {
    const store = new OtherProcess();
    const ai = sess({ model: answers(), store });
    const input = z.object({ topic: z.string() });
    const prompt = ai.definePrompt({ name: 'explain', input, source: 'explain.prompt:3' });
    const error = await errorOf(() => ai.chat(prompt).send('hi'), 'INVALID_ARGUMENT');
    expect(error.message).toBe('explain.prompt:3: The input of prompt "explain" does not fit: input.');
    expect(store.commits).toEqual([]);
  });

  test('may say nothing', async () => {
    const model = answers();
    const ai = sess({ model, system: 'of sess()' });
    await ai.chat(ai.definePrompt({ name: 'silent', system: () => undefined })).send('hi');
    expect(linesOf(model.requests[0]?.messages)).toEqual(['user: hi']);
  });

  test('whose function throws fails the turn, and closes it', async () => {
    const ai = sess({ model: answers() });
    const prompt = ai.definePrompt({
      name: 'broken',
      system: () => {
        throw new RangeError('mine');
      },
    });
    const chat = ai.chat(prompt);
    await expect(chat.send('hi')).rejects.toThrow(RangeError);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('knows the current session while it is rendered', async () => {
    const ai = sess<State>({ model: answers() });
    const seen: string[] = [];
    const prompt = ai.definePrompt({
      name: 'p',
      system: async () => {
        await Promise.resolve();
        seen.push(ai.currentSession().id);
        return 'Hi.';
      },
    });
    const session = ai.createSession({ initialState });
    await session.chat(prompt).send('hi');
    expect(seen).toEqual([session.id]);
  });

  test('has a name that nothing else has', async () => {
    const ai = sess();
    ai.definePrompt({ name: 'p' });
    await errorOf(() => ai.definePrompt({ name: 'p' }), 'INVALID_ARGUMENT');
    await errorOf(() => ai.definePrompt({ name: '' }), 'INVALID_ID');
  });
});

test('what is known by name can be looked up beforehand', async () => {
  const model = answers();
  const { registry } = sess({ models: (name) => (name === 'known' ? model : undefined) });
  expect(registry.model('known')).toBe(model);
  await errorOf(() => registry.model('unknown'), 'INVALID_ARGUMENT');
  await errorOf(() => registry.tools(['unknown']), 'INVALID_ARGUMENT');
});

describe('prompt.render', () => {
  const define = (ai: Sess<State>) =>
    ai.definePrompt({
      name: 'greeter',
      input: z.object({ style: z.string() }),
      system: ({ state, input, session }) => `${input.style}: ${state?.name ?? 'nobody'} ${session?.id ?? 'nowhere'}`,
      messages: [{ role: 'user', content: 'Hello' }],
    });

  test('gives the messages for the current session, which it reads where need be', async () => {
    const store = new OtherProcess();
    const first = sess<State>({ store });
    const { id } = await first.openSession('a', { initialState });
    const ai = sess<State>({ store });
    const prompt = define(ai);
    const session = ai.createSession({ sessionId: id });
    expect(await session.run(() => prompt.render({ style: 'kind' }))).toEqual([
      { role: 'system', content: [{ text: 'kind: Pavel a' }] },
      { role: 'user', content: [{ text: 'Hello' }] },
    ]);
  });

  test('gives them outside of any', async () => {
    const [system] = await define(sess<State>()).render({ style: 'kind' });
    expect(system?.content).toEqual([{ text: 'kind: nobody nowhere' }]);
  });

  test('refuses an input that does not fit', async () => {
    const prompt = define(sess<State>());
    await errorOf(() => prompt.render({ style: 7 as never }), 'INVALID_ARGUMENT');
  });

  test('of a prompt without an input takes none', async () => {
    expect(await sess().definePrompt({ name: 'p', system: 'Hi.' }).render()).toEqual([
      { role: 'system', content: [{ text: 'Hi.' }] },
    ]);
  });
});

/** A desk that hands over to the lawyer, who has a tool of his own, and may ask. */
function office(model: ReturnType<typeof scriptedModel>, store = new OtherProcess()) {
  const ai = sess<State>({ store, model });
  ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
  ai.defineTool({ name: 'law', description: '' }, () => 'It is forbidden.');
  ai.defineInterrupt({ name: 'ask', description: '' });
  const lawyer = ai.definePrompt({
    name: 'lawyer',
    description: 'Knows the law.',
    system: ({ state }) => `Talk like a lawyer to ${state.name}.`,
    config: { temperature: 0 },
    tools: ['law', 'ask'],
  });
  const chat = () => ({ system: 'Be a desk.', tools: [lawyer, 'clock', 'ask'], config: { temperature: 1 } });
  return { ai, lawyer, store, chat };
}

describe('a prompt among the tools', () => {
  const handOver = request('lawyer', '1');

  test('is told to the model as a tool', async () => {
    const model = answers();
    const ai = sess({ model });
    const explain = ai.definePrompt({ name: 'explain', input: z.object({ topic: z.string() }) });
    await ai.createSession().send('hi', { tools: [explain] });
    expect(model.requests[0]?.tools).toMatchObject([
      { name: 'explain', description: expect.stringContaining('explain'), inputSchema: { required: ['topic'] } },
    ]);
  });

  test('takes the conversation over, from the next round on', async () => {
    const model = scriptedModel([handOver], [request('law', '2')], 'No.');
    const { ai, chat } = office(model);
    const session = ai.createSession({ initialState });
    const { messages } = await session.send('May I?', chat());
    expect(outline(messages)).toEqual([
      'user: May I?',
      'model: → lawyer#1',
      'tool: lawyer#1 = "transferred to lawyer"',
      'model: → law#2',
      'tool: law#2 = "It is forbidden."',
      'model: No.',
    ]);
    expect(linesOf(model.requests[1]?.messages)[0]).toBe('system: Talk like a lawyer to Pavel.');
    expect(model.requests.map(({ config }) => config?.temperature)).toEqual([1, 0, 0]);
    expect(model.requests[1]?.tools?.map(({ name }) => name)).toEqual(['law', 'ask']);
    expectWellFormed(messages);
  });

  test('stays in later turns, also in other processes', async () => {
    const { ai, chat, store } = office(scriptedModel([handOver], 'No.'));
    const session = ai.createSession({ initialState });
    await session.chat(chat()).send('May I?');
    const model = scriptedModel('Still no.', 'Never.');
    const there = office(model, new OtherProcess(store));
    const later = (await there.ai.loadSession(session.id)).chat(there.chat());
    await later.send('Really?');
    await later.send('Really, really?');
    for (const asked of model.requests) {
      expect(linesOf(asked.messages)[0]).toBe('system: Talk like a lawyer to Pavel.');
      expect(asked.config).toEqual({ temperature: 0 });
    }
  });

  test('brings its own model, where it has one', async () => {
    const model = scriptedModel([request('expert', '1')]);
    const ai = sess({ model });
    const expert = ai.definePrompt({ name: 'expert', model: scriptedModel('I know.') });
    expect((await ai.createSession().send('?', { tools: [expert] })).text).toBe('I know.');
  });

  test('counts more than the chat, less than one send', async () => {
    const { ai, chat } = office(scriptedModel([handOver], 'No.', 'later'));
    const session = ai.createSession({ initialState });
    await session.chat(chat()).send('May I?');
    const model = answers();
    await session.chat(chat()).send('?', { model, config: { temperature: 2 } });
    expect(model.requests[0]).toMatchObject({ config: { temperature: 2 }, tools: [{ name: 'law' }, { name: 'ask' }] });
  });

  test('counts more than the send in whose turn it takes over', async () => {
    const model = scriptedModel([handOver], 'No.');
    const { ai, chat } = office(model);
    await ai.createSession({ initialState }).send('May I?', { ...chat(), toolChoice: 'required', maxTurns: 1 });
    expect(model.requests[1]).toMatchObject({ config: { temperature: 0 }, tools: [{ name: 'law' }, { name: 'ask' }] });
    expect(model.requests[1]).not.toHaveProperty('toolChoice');
  });

  test('keeps the input that the model gave', async () => {
    const model = scriptedModel([request('explain', '1', { topic: 'law' })], 'ok', 'ok');
    const ai = sess({ model });
    const input = z.object({ topic: z.string().transform((text) => text.toUpperCase()) });
    const explain = ai.definePrompt({ name: 'explain', input, system: (context) => `Explain ${context.input.topic}.` });
    const chat = ai.createSession().chat({ tools: [explain] });
    await chat.send('law?');
    await chat.send('more?');
    expect(model.requests.slice(1).map(({ messages }) => linesOf(messages)[0])).toEqual([
      'system: Explain LAW.',
      'system: Explain LAW.',
    ]);
  });

  test('with an input that does not fit is not handed over to', async () => {
    const model = scriptedModel([request('explain', '1', {})], 'ok');
    const ai = sess({ model, system: 'desk' });
    const explain = ai.definePrompt({ name: 'explain', input: z.object({ topic: z.string() }), system: 'explain' });
    const { messages } = await ai.createSession().send('?', { tools: [explain] });
    expect(outputsOf(messages)).toEqual({ 1: failure(/^input\.topic: /) });
    expect(linesOf(model.requests[1]?.messages)[0]).toBe('system: desk');
  });

  test('whose schema throws is not handed over to; the answers of other tools stay', async () => {
    const input = z.string().refine(() => {
      throw new Error('no database');
    });
    const model = scriptedModel([request('explain', '1', 'cats'), request('add', '2', 2)], 'fine');
    const ai = sess({ model });
    const add = ai.defineTool({ name: 'add', description: 'adds' }, (added) => added);
    const explain = ai.definePrompt({ name: 'explain', input });
    const { messages, text } = await ai.chat({ tools: [explain, add] }).send('hi');
    expect(text).toBe('fine');
    expect(outputsOf(messages)).toEqual({ 1: failure('no database'), 2: 2 });
  });

  test('whose schema does not answer ends with the abort', async () => {
    const input = z.string().refine(() => new Promise<boolean>(() => {}));
    const asked = gate();
    const model = scriptedModel(() => {
      asked.open();
      return [request('explain', '1', 'cats')];
    });
    const ai = sess({ model });
    const chat = ai.chat({ tools: [ai.definePrompt({ name: 'explain', input })] });
    const turn = chat.send('hi');
    await asked.promise;
    await settleDown();
    turn.abort();
    await errorOf(() => turn, 'ABORTED');
    expectWellFormed(chat.messages);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('is handed over to once in a round', async () => {
    const model = scriptedModel([request('a', '1'), request('b', '2')], 'ok');
    const ai = sess({ model });
    const prompts = ['a', 'b'].map((name) => ai.definePrompt({ name, system: name }));
    const { messages } = await ai.createSession().send('?', { tools: prompts });
    expect(outputsOf(messages)).toEqual({ 1: 'transferred to a', 2: failure('transferred to a already') });
    expect(linesOf(model.requests[1]?.messages)[0]).toBe('system: a');
  });

  test('may hand over further, and back', async () => {
    const model = scriptedModel([request('a', '1')], [request('b', '2')], [request('a', '3')], 'ok');
    const ai = sess({ model });
    const a = ai.definePrompt({ name: 'a', system: 'a', tools: ['b'] });
    ai.definePrompt({ name: 'b', system: 'b', tools: ['a'] });
    await ai.createSession().send('?', { tools: [a] });
    expect(model.requests.slice(1).map(({ messages }) => linesOf(messages)[0])).toEqual([
      'system: a',
      'system: b',
      'system: a',
    ]);
  });

  test('goes on after an interrupt', async () => {
    const { ai, chat } = office(scriptedModel([handOver], [request('ask', '2')], 'No.'));
    const talk = ai.createSession({ initialState }).chat(chat());
    await talk.send('May I?');
    const model = scriptedModel('No.');
    await talk.respond([{ ref: '2', output: 'yes' }], { model });
    expect(linesOf(model.requests[0]?.messages)[0]).toBe('system: Talk like a lawyer to Pavel.');
  });

  test('is forgotten where its messages are: by keep, truncate and reset', async () => {
    const model = scriptedModel([handOver], 'No.', 'a', 'b', 'c');
    const { ai, chat } = office(model);
    const talk = ai.createSession({ initialState }).chat(chat());
    await talk.send('May I?');
    await talk.send({ prompt: 'Hello?', keep: 1 });
    await talk.truncate(1);
    await talk.send('Hello?');
    await talk.session.reset();
    await talk.send('Hello?');
    expect(model.requests.slice(2).map(({ messages }) => linesOf(messages)[0])).toEqual([
      'system: Be a desk.',
      'system: Be a desk.',
      'system: Be a desk.',
    ]);
  });

  test('survives what an application appends', async () => {
    const model = scriptedModel([handOver], 'No.', 'a');
    const { ai, chat } = office(model);
    const talk = ai.createSession({ initialState }).chat(chat());
    await talk.send('May I?');
    await talk.append([{ role: 'user', content: 'Hello?' }]);
    await talk.send('Hello?');
    expect(linesOf(model.requests[2]?.messages)[0]).toBe('system: Talk like a lawyer to Pavel.');
  });

  test('survives a model that fails in mid-answer', async () => {
    const failing = (_request: unknown, stream: (text: string) => void) => {
      stream('It ');
      return new Error('overloaded');
    };
    const model = scriptedModel([handOver], failing, 'a');
    const { ai, chat } = office(model);
    const talk = ai.createSession({ initialState }).chat(chat());
    await errorOf(() => talk.send('May I?'), 'MODEL_FAILED');
    await talk.send('Hello?');
    expect(linesOf(model.requests[2]?.messages)[0]).toBe('system: Talk like a lawyer to Pavel.');
  });

  test('that is not defined in this process is INVALID_ARGUMENT, by name, and nothing is stored', async () => {
    const { ai, chat, store } = office(scriptedModel([handOver], 'No.'));
    const session = ai.createSession({ initialState });
    await session.chat(chat()).send('May I?');
    const other = new OtherProcess(store);
    const error = await errorOf(
      async () => (await sess({ store: other, model: answers() }).loadSession(session.id)).send('?'),
      'INVALID_ARGUMENT',
    );
    expect(error.message).toContain('"lawyer"');
    expect(other.commits).toEqual([]);
  });

  test('of another sess() is refused, since later turns could not find it', async () => {
    const stranger = sess().definePrompt({ name: 'stranger' });
    const ai = sess({ model: answers() });
    const send = () => ai.createSession().send('?', { tools: [stranger] });
    await errorOf(send, 'INVALID_ARGUMENT');
    ai.definePrompt({ name: 'stranger' });
    await errorOf(send, 'INVALID_ARGUMENT');
  });
});
