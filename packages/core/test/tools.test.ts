import { type FullSessionStore, type Model, memoryStore, SessError, sess, type Tool } from '@sess/core';
import { type ScriptEntry, scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { failing, OtherProcess, settleDown } from './chat-samples.ts';
import { errorOf, gate } from './samples.ts';
import { expectWellFormed, failure, outline, outputsOf, request } from './tool-samples.ts';

const city = z.object({ city: z.string() });

/** A chat whose model calls one tool, as it is defined here, with an input, and then says `done`. */
function calling(define: (ai: ReturnType<typeof sess>) => Tool, input: unknown = {}, more: ScriptEntry[] = ['done']) {
  const ai = sess();
  const tool = define(ai);
  const model = scriptedModel([request(tool.name, '1', input)], ...more);
  return { chat: ai.createSession().chat({ model, tools: [tool] }), model };
}

/** What the model is told of a call. */
async function toldOf(define: (ai: ReturnType<typeof sess>) => Tool, input?: unknown): Promise<unknown> {
  const { chat, model } = calling(define, input);
  await chat.send('go');
  expectWellFormed(chat.messages);
  return outputsOf(model.requests[1]?.messages ?? [])[1];
}

describe('a round of tools', () => {
  test('runs what the model asks for, and tells it the outputs', async () => {
    const ai = sess();
    const clock = ai.defineTool({ name: 'clock', description: 'Tells the time.', inputSchema: city }, ({ city }) => ({
      city,
      time: 'noon',
    }));
    const model = scriptedModel([{ text: 'Wait.' }, request('clock', '1', { city: 'Oslo' })], 'It is noon.');
    const chat = ai.createSession().chat({ model, tools: [clock] });
    const { text, finishReason, message, messages } = await chat.send('Time in Oslo?');
    expect({ text, finishReason }).toEqual({ text: 'It is noon.', finishReason: 'stop' });
    expect(outline(messages)).toEqual([
      'user: Time in Oslo?',
      'model: Wait. → clock#1',
      'tool: clock#1 = {"city":"Oslo","time":"noon"}',
      'model: It is noon.',
    ]);
    expect(message).toEqual(messages[3]);
    expect(outline(model.requests[1]?.messages ?? [])).toEqual(outline(messages.slice(0, 3)));
    expect(chat.messages).toEqual(messages);
  });

  test('is stamped with the turn, like all of its messages', async () => {
    const { chat } = calling((ai) => ai.defineTool({ name: 'clock', description: '' }, () => 'noon'));
    const { messages } = await chat.send('go');
    const stamps = messages.map(({ metadata }) => metadata?.sess as { id: string; turn: string; at: number });
    expect(new Set(stamps.map(({ turn }) => turn)).size).toBe(1);
    expect(new Set(stamps.map(({ id }) => id)).size).toBe(4);
    expect(stamps.every(({ at }) => at > 0)).toBe(true);
  });

  test('tells the model of name, description and the schemas of all tools', async () => {
    const ai = sess({ tools: ['clock'] });
    ai.defineTool(
      { name: 'clock', description: 'Tells the time.', inputSchema: city, outputSchema: z.string() },
      () => 'noon',
    );
    const model = scriptedModel('hi');
    await ai.createSession().send('hi', { model });
    expect(model.requests[0]?.tools).toMatchObject([
      {
        name: 'clock',
        description: 'Tells the time.',
        inputSchema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
        outputSchema: { type: 'string' },
      },
    ]);
  });

  test('is one commit, with the request and the responses together, and leaves the turn open', async () => {
    const store = new OtherProcess();
    const ai = sess({ store });
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const model = scriptedModel([request('clock', '1')], 'done');
    await ai.createSession().send('go', { model, tools: [clock] });
    const threads = store.commits.map((commit) => commit.threads?.main);
    expect(threads.map((change) => change?.append.map(({ role }) => role))).toEqual([
      ['user'],
      ['model', 'tool'],
      ['model'],
    ]);
    expect(threads[1]).not.toHaveProperty('turn');
    expect(store.commits[1]?.holds).toEqual({ main: threads[0]?.turn?.id });
  });

  test('runs its calls at once, and keeps their order', async () => {
    const both = gate();
    const running: string[] = [];
    const meet = (name: string) => async () => {
      running.push(name);
      if (running.length === 2) both.open();
      await both.promise;
      return name;
    };
    const ai = sess();
    const tools = ['a', 'b'].map((name) => ai.defineTool({ name, description: '' }, meet(name)));
    const model = scriptedModel([request('a', '1'), request('b', '2')], 'done');
    const { messages } = await ai.createSession().send('go', { model, tools });
    expect(outline(messages)[2]).toBe('tool: a#1 = "a" b#2 = "b"');
  });

  test('is followed by another as long as the model asks for one', async () => {
    const ai = sess();
    const add = ai.defineTool(
      { name: 'add', description: '', inputSchema: z.array(z.number()) },
      ([a = 0, b = 0]) => a + b,
    );
    const model = scriptedModel([request('add', '1', [1, 2])], [request('add', '2', [3, 4])], 'done');
    const { messages } = await ai.createSession().send('go', { model, tools: [add] });
    expect(outputsOf(messages)).toEqual({ 1: 3, 2: 7 });
    expect(messages.map(({ role }) => role).join()).toBe('user,model,tool,model,tool,model');
  });

  test('shows its requests and responses in the stream, the responses once they are stored', async () => {
    const { chat } = calling((ai) => ai.defineTool({ name: 'clock', description: '' }, () => 'noon'));
    const seen: string[] = [];
    for await (const { text, content } of chat.send('go')) {
      seen.push(content[0]?.toolRequest ? 'request' : content[0]?.toolResponse ? 'response' : text);
      if (content[0]?.toolResponse) expect(chat.messages).toHaveLength(3);
    }
    expect(seen).toEqual(['request', 'response', 'done']);
  });

  test('knows its session, and changes the state under the hold of the turn', async () => {
    const store = new OtherProcess();
    const ai = sess<{ count: number }>({ store });
    const session = ai.createSession({ initialState: { count: 1 } });
    const count = ai.defineTool({ name: 'count', description: '' }, async (_, context) => {
      expect(context.session).toBe(session);
      await ai.currentSession<{ count: number }>().updateState((state) => ({ count: state.count + 1 }));
      return context.session.state.count;
    });
    const model = scriptedModel([request('count', '1'), request('count', '2')], 'done');
    const { messages } = await session.send('go', { model, tools: [count] });
    expect(Object.values(outputsOf(messages)).at(-1)).toBe(3);
    expect(session.state).toEqual({ count: 3 });
    const changes = store.commits.filter(({ state, life }) => state && life !== null);
    expect(changes.map(({ holds }) => Object.keys(holds ?? {}))).toEqual([['main'], ['main']]);
  });

  test('has a ref of its own for each call, also where the model gives the same one twice', async () => {
    const ai = sess();
    const count = ai.defineTool({ name: 'count', description: '' }, (input) => input);
    const model = scriptedModel([request('count', '1', 'a'), request('count', '1', 'b')], 'done');
    const { messages } = await ai.createSession().send('go', { model, tools: [count] });
    expect(Object.values(outputsOf(messages))).toEqual(['a', 'b']);
    expectWellFormed(messages);
  });

  test('is answered by a preamble that is made of the state as the tools have left it', async () => {
    const ai = sess<{ name: string }>();
    const rename = ai.defineTool({ name: 'rename', description: '' }, async (_, { session }) => {
      await session.updateState({ name: 'Olga' });
    });
    const model = scriptedModel([request('rename', '1')], 'done');
    await ai
      .createSession({ initialState: { name: 'Pavel' } })
      .send('go', { model, tools: [rename], system: ({ state }) => `User: ${state.name}` });
    expect(model.requests.map(({ messages }) => messages[0]?.content[0]?.text)).toEqual(['User: Pavel', 'User: Olga']);
  });

  test('adds to the usage of the turn; what no round told stays undefined', async () => {
    const ai = sess();
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const answer = (content: ReturnType<typeof request>[] | { text: string }[], usage: object) => ({
      message: { role: 'model' as const, content },
      usage,
    });
    const model = scriptedModel(
      answer([request('clock', '1')], { inputTokens: 10, outputTokens: 1 }),
      answer([request('clock', '2')], {}),
      answer([{ text: 'done' }], { inputTokens: 12, outputTokens: undefined }),
    );
    const { usage } = await ai.createSession().send('go', { model, tools: [clock] });
    expect(usage).toEqual({ inputTokens: 22, outputTokens: 1 });
  });

  test('may take maxTurns rounds, 5 by default: then LIMIT_REACHED, and what was finished stays', async () => {
    const ai = sess();
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const asking = (count: number) =>
      scriptedModel(...Array.from({ length: count }, (_, index) => [request('clock', `${index}`)]), 'done');
    const options = { tools: [clock] };
    expect((await ai.createSession().send('go', { ...options, model: asking(5) })).messages).toHaveLength(12);
    const chat = ai.createSession().chat(options);
    const error = await errorOf(() => chat.send('go', { model: asking(6) }), 'LIMIT_REACHED');
    expect(error).toMatchObject({ sessionId: chat.session.id, thread: 'main' });
    expect(chat.messages).toHaveLength(11);
    expectWellFormed(chat.messages);
    await errorOf(() => ai.createSession().send('go', { ...options, model: asking(2), maxTurns: 1 }), 'LIMIT_REACHED');
    expect((await chat.send('go', { model: asking(0) })).text).toBe('done');
  });

  test('keeps the text of the message that was one too many, marked', async () => {
    const ai = sess();
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const model = scriptedModel([request('clock', '1')], [{ text: 'Once more.' }, request('clock', '2')]);
    const chat = ai.createSession().chat({ model, tools: [clock], maxTurns: 1 });
    await errorOf(() => chat.send('go'), 'LIMIT_REACHED');
    expect(outline(chat.messages).at(-1)).toBe('model: Once more.');
    expect(chat.messages.at(-1)?.metadata?.sess).toMatchObject({ end: 'failed' });
  });

  test('must be called with toolChoice: required, but only at first', async () => {
    const { chat, model } = calling((ai) => ai.defineTool({ name: 'clock', description: '' }, () => 'noon'));
    await chat.send('go', { toolChoice: 'required' });
    expect(model.requests.map(({ toolChoice }) => toolChoice)).toEqual(['required', 'auto']);
  });

  test('is all in the window of the running turn, however small', async () => {
    const { chat, model } = calling((ai) => ai.defineTool({ name: 'clock', description: '' }, () => 'noon'));
    await chat.append([{ role: 'user', content: 'before' }]);
    await chat.send('go', { window: 1 });
    expect(outline(model.requests[1]?.messages ?? [])).toEqual([
      'user: go',
      'model: → clock#1',
      'tool: clock#1 = "noon"',
    ]);
  });

  test('without tools is left to the application, which answers with a tool message', async () => {
    const model = scriptedModel([request('clock', '1')], 'It is noon.');
    const chat = sess({ model }).createSession().chat();
    const { toolRequests } = await chat.send('Time?');
    expect(toolRequests.map(({ toolRequest }) => toolRequest.ref)).toEqual(['1']);
    const toolResponse = { name: 'clock', ref: '1', output: 'noon' };
    await chat.send({ messages: [{ role: 'tool', content: [{ toolResponse }] }] });
    expect(outline(chat.messages).slice(1)).toEqual([
      'model: → clock#1',
      'tool: clock#1 = "noon"',
      'model: It is noon.',
    ]);
  });

  test('whose answers the application appends one by one gets no others', async () => {
    const chat = sess().createSession().chat();
    await chat.append([{ role: 'model', content: [request('a', '1'), request('b', '2')] }]);
    for (const [name, ref] of [['a', '1'] as const, ['b', '2'] as const]) {
      await chat.append([{ role: 'tool', content: [{ toolResponse: { name, ref, output: name } }] }]);
    }
    expect(outline(chat.messages)).toEqual(['model: → a#1 → b#2', 'tool: a#1 = "a"', 'tool: b#2 = "b"']);
  });
});

describe('what the model is told of a call', () => {
  test('that returned nothing: null', async () => {
    expect(await toldOf((ai) => ai.defineTool({ name: 'quiet', description: '' }, () => undefined))).toBe(null);
  });

  test('the output as its schema gives it back', async () => {
    const outputSchema = z.object({ n: z.number().default(7) });
    expect(await toldOf((ai) => ai.defineTool({ name: 'seven', description: '', outputSchema }, () => ({})))).toEqual({
      n: 7,
    });
  });

  test('the stored form of the output', async () => {
    expect(await toldOf((ai) => ai.defineTool({ name: 'date', description: '' }, () => new Date(0)))).toBe(
      '1970-01-01T00:00:00.000Z',
    );
  });

  test('whose input does not fit: where, and the tool does not run', async () => {
    let ran = false;
    const define = (ai: ReturnType<typeof sess>) =>
      ai.defineTool({ name: 'clock', description: '', inputSchema: city }, () => {
        ran = true;
      });
    expect(await toldOf(define, { city: 7 })).toEqual(failure(/^input\.city: /));
    expect(ran).toBe(false);
  });

  test('to a tool that there is not', async () => {
    const ai = sess();
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const model = scriptedModel([request('watch', '1')], 'done');
    const { messages } = await ai.createSession().send('go', { model, tools: [clock] });
    expect(outputsOf(messages)).toEqual({ 1: failure('There is no tool watch.') });
  });

  test.each([
    ['an error', new RangeError('too far'), 'too far'],
    ['a text', 'too far', 'too far'],
    ['an error without words', new Error(), 'The tool failed.'],
    ['nothing', undefined, 'The tool failed.'],
    ['half a character', new Error('\ud800'), '\ufffd'],
    ['a SessError of another code', new SessError('NOT_FOUND', 'no such file'), 'no such file'],
  ])('that threw %s', async (_, thrown, text) => {
    const define = (ai: ReturnType<typeof sess>) =>
      ai.defineTool({ name: 'broken', description: '' }, () => {
        throw thrown;
      });
    expect(await toldOf(define)).toEqual({ error: text });
  });

  test('whose output does not fit its schema', async () => {
    const options = { name: 'clock', description: '', outputSchema: z.object({ hour: z.number() }) };
    expect(await toldOf((ai) => ai.defineTool(options, () => ({ hour: 'noon' }) as never))).toEqual(
      failure(/^output\.hour: /),
    );
  });

  test('whose output cannot be stored', async () => {
    const output = { at: [() => 0] };
    expect(await toldOf((ai) => ai.defineTool({ name: 'odd', description: '' }, () => output))).toEqual(
      failure('output.at[0] is a Function, not JSON.'.replace(/[[\]]/g, '\\$&')),
    );
  });

  test('whose output is too large for the store, while the others stay', async () => {
    const store = new OtherProcess().on('other', {
      before: ({ threads }) => {
        if (JSON.stringify(threads).length > 5000) throw new SessError('TOO_LARGE', 'That is too much.');
      },
    });
    const ai = sess({ store });
    const tools = [
      ai.defineTool({ name: 'small', description: '' }, () => 'small'),
      ai.defineTool({ name: 'large', description: '' }, () => 'x'.repeat(9000)),
    ];
    const model = scriptedModel([request('large', '1'), request('small', '2')], 'done');
    const { messages } = await ai.createSession().send('go', { model, tools });
    expect(outputsOf(messages)).toEqual({ 1: failure('too large'), 2: 'small' });
  });

  test('that takes longer than timeoutMs: its signal fires, the others stay', async () => {
    const fired: unknown[] = [];
    const ai = sess();
    const tools = [
      ai.defineTool({ name: 'quick', description: '' }, () => 'quick'),
      ai.defineTool({ name: 'slow', description: '', timeoutMs: 20 }, (_, { signal }) => {
        signal.addEventListener('abort', () => fired.push(signal.reason));
        return new Promise(() => {});
      }),
    ];
    const model = scriptedModel([request('slow', '1'), request('quick', '2')], 'done');
    const { messages } = await ai.createSession().send('go', { model, tools });
    expect(outputsOf(messages)).toEqual({ 1: failure('longer than 20 ms'), 2: 'quick' });
    expect(fired).toEqual([expect.any(Error)]);
  });

  test('is not told what the tool does to its input', async () => {
    const define = (ai: ReturnType<typeof sess>) =>
      ai.defineTool({ name: 'vandal', description: '' }, (input) => {
        (input as { city: string }).city = 'gone';
      });
    const { chat } = calling(define, { city: 'Oslo' });
    const { messages } = await chat.send('go');
    expect(messages[1]?.content[0]?.toolRequest?.input).toEqual({ city: 'Oslo' });
  });

  test('the ref of which the tool knows', async () => {
    expect(await toldOf((ai) => ai.defineTool({ name: 'who', description: '' }, (_, { ref }) => ref))).toBe('1');
  });
});

describe('a fatal error of a tool', () => {
  const fatal = new SessError('TOOL_FAILED', 'The account is closed.');
  const setUp = (store: FullSessionStore = memoryStore()) => {
    const fired = gate<unknown>();
    const ai = sess({ store });
    const tools = [
      ai.defineTool({ name: 'quick', description: '' }, () => 'quick'),
      ai.defineTool({ name: 'fatal', description: '' }, async () => {
        await settleDown();
        throw fatal;
      }),
      ai.defineTool({ name: 'endless', description: '' }, (_, { signal }) => {
        signal.addEventListener('abort', () => fired.open(signal.reason));
        return new Promise(() => {});
      }),
      ai.defineInterrupt({ name: 'ask', description: '' }),
    ];
    const model = scriptedModel(
      [{ text: 'Hm.' }, request('quick', '1'), request('fatal', '2'), request('endless', '3'), request('ask', '4')],
      'later',
    );
    return { chat: ai.createSession().chat({ model, tools }), fired: fired.promise };
  };

  test('rejects the turn with it; the round is stored, with errors for those that it ended', async () => {
    const { chat, fired } = setUp();
    const error = await errorOf(() => chat.send('go'), 'TOOL_FAILED');
    expect(error).toBe(fatal);
    expect(await fired).toBe(fatal);
    expect(outline(chat.messages.slice(0, 2))).toEqual([
      'user: go',
      'model: Hm. → quick#1 → fatal#2 → endless#3 → ask#4',
    ]);
    expect(outputsOf(chat.messages)).toEqual({
      1: 'quick',
      2: failure('The account is closed.'),
      3: failure('was stopped'),
      4: failure('was stopped'),
    });
    expect(chat.messages).toHaveLength(3);
    expect(chat.messages[2]?.metadata?.sess).toMatchObject({ end: 'failed' });
    expectWellFormed(chat.messages);
  });

  test('closes the turn, with the round in one commit: the next send goes on at once', async () => {
    const store = new OtherProcess();
    const { chat } = setUp(store);
    await errorOf(() => chat.send('go'), 'TOOL_FAILED');
    expect(store.commits.map(({ threads }) => threads?.main?.turn === null)).toEqual([false, true]);
    expect(await chat.openTurn()).toBeUndefined();
    expect((await chat.send('again', { whenBusy: 'reject' })).text).toBe('later');
  });
});

describe('an abort in a round of tools', () => {
  test('ends what runs; what was finished stays, with errors for the others, and the turn is closed', async () => {
    const started = gate<AbortSignal>();
    const ai = sess();
    const tools = [
      ai.defineTool({ name: 'quick', description: '' }, () => 'quick'),
      ai.defineInterrupt({ name: 'ask', description: '' }),
      ai.defineTool({ name: 'endless', description: '' }, async (_, { signal }) => {
        await settleDown();
        started.open(signal);
        return new Promise(() => {});
      }),
    ];
    const model = scriptedModel([{ text: 'Hm.' }, request('quick', '1'), request('ask', '2'), request('endless', '3')]);
    const chat = ai.createSession().chat({ model, tools });
    const turn = chat.send('go');
    const signal = await started.promise;
    turn.abort('enough');
    const error = await errorOf(() => turn, 'ABORTED');
    expect(error.cause).toBe('enough');
    expect(signal.reason).toBe('enough');
    expect(outputsOf(chat.messages)).toEqual({ 1: 'quick', 2: failure('was stopped'), 3: failure('was stopped') });
    expect(chat.messages).toHaveLength(3);
    expect(chat.messages[2]?.metadata?.sess).toMatchObject({ end: 'aborted' });
    expectWellFormed(chat.messages);
    expect(chat.interrupts).toEqual([]);
    expect(await chat.openTurn()).toBeUndefined();
    expect(model.requests).toHaveLength(1);
  });

  test('keeps a tool that goes on from writing', async () => {
    const ai = sess<{ count: number }>();
    const started = gate();
    const goOn = gate();
    const late = gate<unknown>();
    const slow = ai.defineTool({ name: 'slow', description: '' }, async (_, { session }) => {
      started.open();
      await goOn.promise;
      await session.updateState({ count: 99 }).catch(late.open);
    });
    const session = ai.createSession({ initialState: { count: 1 } });
    const turn = session.send('go', { model: scriptedModel([request('slow', '1')]), tools: [slow] });
    await started.promise;
    turn.abort();
    await errorOf(() => turn, 'ABORTED');
    goOn.open();
    await errorOf(async () => Promise.reject(await late.promise), 'CONFLICT');
    expect(session.state).toEqual({ count: 1 });
  });

  test('while a preamble is rendered waits for nothing', async () => {
    const asked = gate();
    const system = () => {
      asked.open();
      return new Promise<string>(() => {});
    };
    const chat = sess({ model: scriptedModel() }).createSession().chat();
    const turn = chat.send('go', { system });
    await asked.promise;
    turn.abort();
    await errorOf(() => turn, 'ABORTED');
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('after a round keeps it whole, and calls the model no more', async () => {
    const rounds = gate();
    const stored = gate();
    const store = new OtherProcess().on('other', {
      after: () => {
        stored.open();
        return rounds.promise;
      },
    });
    const ai = sess({ store });
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const model = scriptedModel([{ text: 'Hm.' }, request('clock', '1')], 'done');
    const chat = ai.createSession().chat({ model, tools: [clock] });
    const turn = chat.send('go');
    await stored.promise;
    turn.abort();
    rounds.open();
    await errorOf(() => turn, 'ABORTED');
    expect(outline(chat.messages)).toEqual(['user: go', 'model: Hm. → clock#1', 'tool: clock#1 = "noon"']);
    expect(model.requests).toHaveLength(1);
    expect(await chat.openTurn()).toBeUndefined();
  });
});

describe('a failure in a later round', () => {
  test('of the model keeps the finished rounds, and only what was said since', async () => {
    const ai = sess();
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const model = scriptedModel([{ text: 'Wait. ' }, request('clock', '1')], (_request, stream) => {
      stream('It ');
      return new Error('overloaded');
    });
    const chat = ai.createSession().chat({ model, tools: [clock] });
    await errorOf(() => chat.send('go'), 'MODEL_FAILED');
    expect(outline(chat.messages)).toEqual([
      'user: go',
      'model: Wait.  → clock#1',
      'tool: clock#1 = "noon"',
      'model: It ',
    ]);
    expectWellFormed(chat.messages);
  });

  test('of the store, at a round: the text is kept, the requests are not', async () => {
    const store = new OtherProcess().on('other', { before: failing() });
    const ai = sess({ store });
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const model = scriptedModel([{ text: 'Wait.' }, request('clock', '1')]);
    const chat = ai.createSession().chat({ model, tools: [clock] });
    await errorOf(() => chat.send('go'), 'STORE_FAILED');
    expect(outline(chat.messages)).toEqual(['user: go', 'model: Wait.']);
  });

  test('of the store, at a round that landed all the same: nothing is stored twice', async () => {
    const store = new OtherProcess().on('other', { after: failing() });
    const ai = sess({ store });
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const model = scriptedModel([{ text: 'Wait.' }, request('clock', '1')]);
    const chat = ai.createSession().chat({ model, tools: [clock] });
    await errorOf(() => chat.send('go'), 'STORE_FAILED');
    expect(outline(await chat.session.history())).toEqual([
      'user: go',
      'model: Wait. → clock#1',
      'tool: clock#1 = "noon"',
    ]);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('by losing the turn: nothing of the round is stored, no tool writes', async () => {
    const store = memoryStore();
    const ai = sess({ store });
    const started = gate();
    const goOn = gate();
    const slow = ai.defineTool({ name: 'slow', description: '' }, async () => {
      started.open();
      await goOn.promise;
    });
    const chat = ai.createSession().chat({ model: scriptedModel([request('slow', '1')]), tools: [slow] });
    const turn = chat.send('go');
    await started.promise;
    await chat.session.reset();
    await errorOf(() => turn, 'CONFLICT');
    goOn.open();
    await settleDown();
    expect(await chat.session.history()).toEqual([]);
  });
});

describe('a send from inside a turn', () => {
  test('on the thread of the turn is BUSY at once, in whatever words; on another thread it works', async () => {
    const ai = sess();
    const nested = ai.defineTool({ name: 'nested', description: '' }, async (_, { session }) => {
      await errorOf(() => session.send('inner', { model: scriptedModel('never') }), 'BUSY');
      await errorOf(() => session.chat().append([{ role: 'user', content: 'inner' }]), 'BUSY');
      return (await session.chat('notes').send('inner', { model: scriptedModel('inner done') })).text;
    });
    const model = scriptedModel([request('nested', '1')], 'done');
    const { messages } = await ai.createSession().send('go', { model, tools: [nested] });
    expect(outputsOf(messages)).toEqual({ 1: 'inner done' });
  });
});

describe('chats that run at once in one session', () => {
  test('each keep their thread, and all changes of the state', async () => {
    const ai = sess<{ count: number }>();
    const session = ai.createSession({ initialState: { count: 0 } });
    const count = ai.defineTool({ name: 'count', description: '' }, (_, context) =>
      context.session.updateState((state) => ({ count: state.count + 1 })),
    );
    const threads = Array.from({ length: 8 }, (_, index) => `thread ${index}`);
    await Promise.all(
      threads.map((thread) =>
        session
          .chat(thread, { model: scriptedModel([request('count', '1')], `${thread} done`), tools: [count] })
          .send(thread),
      ),
    );
    expect(session.state.count).toBe(8);
    for (const thread of threads) {
      const history = await session.history(thread);
      expect(outline([history[0], history[3]] as typeof history)).toEqual([`user: ${thread}`, `model: ${thread} done`]);
      expectWellFormed(history);
    }
  });
});

describe('defineTool', () => {
  test('refuses a name that is taken, by a tool or a prompt', async () => {
    const ai = sess();
    ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    await errorOf(() => ai.defineTool({ name: 'clock', description: '' }, () => 'noon'), 'INVALID_ARGUMENT');
    await errorOf(() => ai.definePrompt({ name: 'clock' }), 'INVALID_ARGUMENT');
    sess().defineTool({ name: 'clock', description: '' }, () => 'noon');
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31])('refuses a timeoutMs of %d', async (timeoutMs) => {
    await errorOf(() => sess().defineTool({ name: 'a', description: '', timeoutMs }, () => 0), 'INVALID_ARGUMENT');
  });

  test('refuses a name that is none', async () => {
    await errorOf(() => sess().defineTool({ name: '', description: '' }, () => 0), 'INVALID_ID');
  });

  test('refuses a schema that cannot tell its JSON Schema, and says what to do', async () => {
    const inputSchema = { '~standard': { version: 1, vendor: 'old', validate: (value: unknown) => ({ value }) } };
    const define = (schema: object) =>
      sess().defineTool({ name: 'a', description: '', inputSchema: schema as never }, () => 0);
    const error = await errorOf(() => define(inputSchema), 'INVALID_ARGUMENT');
    expect(error.message).toContain('{ schema, jsonSchema }');
    await errorOf(() => define(z.date()), 'INVALID_ARGUMENT');
  });

  test('takes { schema, jsonSchema }, or a JSON Schema alone', async () => {
    const jsonSchema = { type: 'object' };
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'old',
        validate: async (value: unknown) => (value === 7 ? { value: 8 } : { issues: [{ message: 'not seven' }] }),
      },
    };
    const ai = sess();
    const tools = [
      ai.defineTool({ name: 'checked', description: '', inputSchema: { schema, jsonSchema } }, (input) => input),
      ai.defineTool({ name: 'told', description: '', inputSchema: { jsonSchema } }, (input) => input),
    ];
    const model = scriptedModel(
      [request('checked', '1', 7), request('checked', '2', 9), request('told', '3', 9)],
      'done',
    );
    const { messages } = await ai.createSession().send('go', { model, tools });
    expect(model.requests[0]?.tools?.map(({ inputSchema }) => inputSchema)).toEqual([jsonSchema, jsonSchema]);
    expect(outputsOf(messages)).toEqual({ 1: 8, 2: { error: 'input: not seven' }, 3: 9 });
  });
});

describe('the tools of a turn', () => {
  const asks: Model = async ({ tools = [] }) => ({
    message: { role: 'model', content: [{ text: tools.map(({ name }) => name).join() }] },
  });

  test('are those of the nearest level that names any', async () => {
    const ai = sess({ model: asks, tools: ['a'] });
    for (const name of ['a', 'b', 'c']) ai.defineTool({ name, description: '' }, () => 0);
    const session = ai.createSession();
    expect((await session.send('?')).text).toBe('a');
    const chat = session.chat({ tools: ['b'] });
    expect((await chat.send('?')).text).toBe('b');
    expect((await chat.send('?', { tools: ['a', 'c'] })).text).toBe('a,c');
    expect((await chat.send('?', { tools: [] })).text).toBe('');
  });

  test.each([
    ['a name that is not defined', ['missing']],
    ['the same name twice', ['a', 'a']],
  ])('are refused before anything is stored: %s', async (_, tools) => {
    const store = new OtherProcess();
    const ai = sess({ store, model: asks });
    ai.defineTool({ name: 'a', description: '' }, () => 0);
    await errorOf(() => ai.createSession().send('?', { tools }), 'INVALID_ARGUMENT');
    expect(store.commits).toEqual([]);
  });

  test('may be those of another sess()', async () => {
    const tool = sess().defineTool({ name: 'far', description: '' }, () => 0);
    expect(
      (
        await sess({ model: asks, tools: [tool] })
          .createSession()
          .send('?')
      ).text,
    ).toBe('far');
  });

  test.each([0, -1, 1.5, Number.NaN])('a maxTurns of %d is refused', async (maxTurns) => {
    await errorOf(() => sess({ maxTurns }), 'INVALID_ARGUMENT');
  });
});

describe('media and data parts', () => {
  test('pass through untouched, in questions, answers and history', async () => {
    const said = [
      { media: { url: 'data:image/png;base64,AAAA', contentType: 'image/png' } },
      { data: { rows: [1, 2] }, metadata: { kind: 'table' } },
    ];
    const answer = [{ media: { url: 'https://example.org/a.png' } }, { custom: { odd: true } }, { reasoning: 'Well.' }];
    const model = scriptedModel(answer, 'ok');
    const chat = sess({ model }).createSession().chat();
    const { message } = await chat.send(said);
    expect(model.requests[0]?.messages[0]?.content).toEqual(said);
    expect(message.content).toEqual(answer);
    await chat.send('and?');
    expect(model.requests[1]?.messages.slice(0, 2).map(({ content }) => content)).toEqual([said, answer]);
  });
});
