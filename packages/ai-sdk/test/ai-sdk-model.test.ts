import { inspect } from 'node:util';
import { APICallError, type LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { aiSdkModel, ModelCallError } from '@sess/ai-sdk';
import { memoryStore, SessError, sess } from '@sess/core';
import { convertArrayToReadableStream, MockLanguageModelV3, MockLanguageModelV4 } from 'ai/test';
import { describe, expect, test } from 'vitest';
import { finish, listener, rejection, requestOf, streaming, textPieces, usage } from './support/streams.ts';

const call = { type: 'tool-call', toolCallId: 'c1', toolName: 'add' } as const;

describe('a streamed answer', () => {
  test('is shown piece by piece and told whole, with usage and details', async () => {
    const mock = streaming(
      { type: 'stream-start', warnings: [{ type: 'other', message: 'no seed' }] },
      { type: 'response-metadata', id: 'r1', modelId: 'm-1', timestamp: new Date(0) },
      ...textPieces('Hel', 'lo'),
      { ...finish, providerMetadata: { mock: { tier: 'free' } } } as LanguageModelV4StreamPart,
    );
    const { shown, onChunk } = listener();
    const response = await aiSdkModel(mock)(requestOf(), onChunk);
    expect(shown).toEqual([{ text: 'Hel' }, { text: 'lo' }]);
    expect(response).toEqual({
      message: {
        role: 'model',
        content: [{ text: 'Hello' }],
        metadata: {
          'ai-sdk': {
            provider: mock.provider,
            modelId: mock.modelId,
            response: { id: 'r1', modelId: 'm-1', timestamp: '1970-01-01T00:00:00.000Z' },
            rawFinishReason: 'end_turn',
            usage: { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens },
            warnings: [{ type: 'other', message: 'no seed' }],
            providerMetadata: { mock: { tier: 'free' } },
          },
        },
      },
      finishReason: 'stop',
      usage: { inputTokens: 11, outputTokens: 5, totalTokens: 16 },
    });
  });

  test('keeps blocks apart that are streamed at once, in the order in which they began', async () => {
    const mock = streaming(
      { type: 'reasoning-start', id: '1' },
      { type: 'text-start', id: '1' },
      { type: 'text-delta', id: '1', delta: 'a' },
      { type: 'reasoning-delta', id: '1', delta: 'why' },
      { type: 'text-delta', id: '1', delta: 'b' },
      { type: 'reasoning-end', id: '1', providerMetadata: { mock: { signature: 's' } } },
      { type: 'text-end', id: '1' },
      ...textPieces('next'),
      finish,
    );
    const { message } = await aiSdkModel(mock)(requestOf());
    expect(message.content).toEqual([
      { reasoning: 'why', metadata: { 'ai-sdk': { providerMetadata: { mock: { signature: 's' } } } } },
      { text: 'ab' },
      { text: 'next' },
    ]);
  });

  test('has tool calls as tool requests', async () => {
    const mock = streaming({ ...call, input: '{"a":1}' }, { ...call, toolCallId: 'c2', input: ' ' }, finish);
    const { message } = await aiSdkModel(mock)(requestOf());
    expect(message.content).toEqual([
      { toolRequest: { name: 'add', ref: 'c1', input: { a: 1 } } },
      { toolRequest: { name: 'add', ref: 'c2', input: {} } },
    ]);
  });

  test('keeps input that is no JSON as it is, and does not show it to the provider again', async () => {
    const mock = streaming({ ...call, input: '{"a":' }, finish);
    const { message } = await aiSdkModel(mock)(requestOf());
    expect(message.content).toEqual([
      { toolRequest: { name: 'add', ref: 'c1', input: '{"a":' }, metadata: { 'ai-sdk': { isMalformed: true } } },
    ]);
    await aiSdkModel(mock)(requestOf({ messages: [message] }));
    expect(mock.doStreamCalls[1]?.prompt[0]?.content).toEqual([{ ...call, input: {} }]);
  });

  test.each([
    ['stop', 'stop'],
    ['tool-calls', 'stop'],
    ['length', 'length'],
    ['content-filter', 'blocked'],
    ['other', 'other'],
    ['something new', 'unknown'],
  ])('that ends with %s has the finish reason %s', async (unified, expected) => {
    const end = { ...finish, finishReason: { unified, raw: undefined } } as LanguageModelV4StreamPart;
    expect(await aiSdkModel(streaming(end))(requestOf())).toMatchObject({ finishReason: expected });
  });

  test('may lack the number of tokens', async () => {
    const nothing = { total: undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined };
    const unknown = { inputTokens: nothing, outputTokens: { total: undefined, text: undefined, reasoning: undefined } };
    const { usage: told } = await aiSdkModel(streaming({ ...finish, usage: unknown } as typeof finish))(requestOf());
    expect(told).toEqual({ inputTokens: undefined, outputTokens: undefined, totalTokens: undefined });
  });
});

describe('an answer that is not streamed', () => {
  const mock = new MockLanguageModelV4({
    doGenerate: {
      content: [
        { type: 'text', text: 'Look: ' },
        { type: 'file', mediaType: 'image/png', data: { type: 'data', data: new Uint8Array([1, 2, 3]) } },
      ],
      finishReason: { unified: 'stop', raw: undefined },
      usage,
      warnings: [],
    },
  });

  test('is shown in one piece', async () => {
    const { shown, onChunk } = listener();
    const { message } = await aiSdkModel(mock, { stream: false })(requestOf(), onChunk);
    expect(message.content).toEqual([
      { text: 'Look: ' },
      { media: { url: 'data:image/png;base64,AQID', contentType: 'image/png' } },
    ]);
    expect(shown).toEqual(message.content);
  });
});

describe('what the model is told', () => {
  test('tools, form of the answer, signal and settings, with those of the call first', async () => {
    const mock = streaming(finish);
    const model = aiSdkModel(mock, {
      config: { temperature: 0, seed: 1, providerOptions: { a: { x: 1, y: 1 }, b: { z: 1 } } },
      providerTools: { search: { id: 'mock.search', args: { depth: 2 } } },
    });
    const request = requestOf({
      config: { temperature: 1, providerOptions: { a: { y: 2 } } },
      tools: [
        { name: 'add', description: 'Adds.', inputSchema: { type: 'object' } },
        { name: 'now', description: 'Time.' },
      ],
      toolChoice: 'required',
      output: { format: 'json', schema: { type: 'object' } },
    });
    await model(request);
    expect(mock.doStreamCalls).toEqual([
      {
        prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
        abortSignal: request.signal,
        temperature: 1,
        seed: 1,
        providerOptions: { a: { x: 1, y: 2 }, b: { z: 1 } },
        tools: [
          { type: 'function', name: 'add', description: 'Adds.', inputSchema: { type: 'object' } },
          { type: 'function', name: 'now', description: 'Time.', inputSchema: { type: 'object', properties: {} } },
          { type: 'provider', id: 'mock.search', name: 'search', args: { depth: 2 } },
        ],
        toolChoice: { type: 'required' },
        responseFormat: { type: 'json', schema: { type: 'object' } },
      },
    ]);
  });

  test('refuses settings that it would not pass on', async () => {
    const refused = async (model: MockLanguageModelV3 | MockLanguageModelV4, config: Record<string, unknown>) =>
      rejection(aiSdkModel(model)(requestOf({ config })));
    expect(await refused(streaming(finish), { temprature: 1 })).toMatchObject({
      message: expect.stringContaining('temprature'),
      retryable: false,
    });
    const general = aiSdkModel(streaming(finish), { config: { temprature: 1 } as never });
    expect(await rejection(general(requestOf()))).toMatchObject({ message: expect.stringContaining('temprature') });
    const v3 = new MockLanguageModelV3();
    expect(await refused(v3, { reasoning: 'low' })).toMatchObject({ message: expect.stringContaining('reasoning') });
    expect(v3.doStreamCalls).toEqual([]);
  });
});

describe('a failure', () => {
  const apiError = (statusCode: number) =>
    new APICallError({ message: 'No.', url: 'http://x', requestBodyValues: { secret: 'my diary' }, statusCode });

  test.each([
    [401, false],
    [429, true],
    [500, true],
  ])('with HTTP status %i is retryable: %s', async (statusCode, retryable) => {
    const mock = new MockLanguageModelV4({ doStream: () => Promise.reject(apiError(statusCode)) });
    const error = await rejection(aiSdkModel(mock)(requestOf()));
    expect(error).toBeInstanceOf(ModelCallError);
    expect(error).toMatchObject({ message: 'No.', statusCode, retryable });
    expect((error as ModelCallError).original).toBeInstanceOf(APICallError);
  });

  test('does not show the conversation when it is logged', async () => {
    const model = aiSdkModel(new MockLanguageModelV4({ doStream: () => Promise.reject(apiError(400)) }));
    const error = await rejection(sess({ model, store: memoryStore() }).createSession().chat().send('hi'));
    expect(inspect(error, { depth: null })).not.toContain('my diary');
    expect(inspect(error, { depth: null })).toContain('No.');
  });

  const cut = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });

  test.each([
    ['a text', 'Overloaded', 'Overloaded', false],
    ['an object', { message: 'Overloaded', statusCode: 529 }, 'Overloaded', true],
    ['a refusal', { message: 'Too many', statusCode: 429 }, 'Too many', true],
    [
      'a cut connection',
      new TypeError('terminated', { cause: cut }),
      'The connection was cut: other side closed',
      true,
    ],
    ['an error of the network', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), 'reset', true],
    ['nothing', undefined, 'The language model reported an error without a message.', false],
  ])('in mid-stream, as %s, rejects, and cancels the rest', async (_, thrown, message, retryable) => {
    let cancelled = false;
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      start(controller) {
        for (const piece of textPieces('Half an')) controller.enqueue(piece);
        controller.enqueue({ type: 'error', error: thrown });
      },
      cancel() {
        cancelled = true;
      },
    });
    const error = await rejection(aiSdkModel(new MockLanguageModelV4({ doStream: { stream } }))(requestOf()));
    expect(error).toMatchObject({ message, retryable });
    expect(cancelled).toBe(true);
  });

  test.each(['error', 'interrupted'] as const)('that ends the answer as %s is none that is stored', async (unified) => {
    const end = { ...finish, finishReason: { unified, raw: undefined } } as LanguageModelV4StreamPart;
    const chat = sess({ model: aiSdkModel(streaming(...textPieces('Half an'), end)), store: memoryStore() })
      .createSession()
      .chat();
    expect(await rejection(chat.send('hi'))).toMatchObject({
      code: 'MODEL_FAILED',
      retryable: unified === 'interrupted',
    });
    expect(chat.messages.at(-1)).toMatchObject({
      content: [{ text: 'Half an' }],
      metadata: { sess: { end: 'failed' } },
    });
  });

  test('is a stream that ends without saying so', async () => {
    const error = await rejection(aiSdkModel(streaming(...textPieces('Half an')))(requestOf()));
    expect(error).toMatchObject({ message: 'The answer of the language model broke off.', retryable: true });
  });
});

describe('an abort', () => {
  test('before the call makes none', async () => {
    const mock = streaming(finish);
    const signal = AbortSignal.abort(new Error('too late'));
    expect(await rejection(aiSdkModel(mock)(requestOf({ signal })))).toBe(signal.reason);
    expect(mock.doStreamCalls).toEqual([]);
  });

  test('in mid-stream cancels a stream that knows nothing of signals', async () => {
    const controller = new AbortController();
    let cancelledWith: unknown;
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      start: (pieces) => pieces.enqueue({ type: 'text-delta', id: '1', delta: 'One ' }),
      cancel: (reason) => {
        cancelledWith = reason;
      },
    });
    const model = aiSdkModel(new MockLanguageModelV4({ doStream: { stream } }));
    const reason = new Error('enough');
    const answer = model(requestOf({ signal: controller.signal }), () => controller.abort(reason));
    expect(await rejection(answer)).toBe(reason);
    expect(cancelledWith).toBe(reason);
  });
});

test('an abort while a piece is waited for ends the wait', async () => {
  const controller = new AbortController();
  const reason = new Error('enough');
  let pulls = 0;
  const stream = new ReadableStream<LanguageModelV4StreamPart>(
    {
      pull(pieces) {
        pulls += 1;
        if (pulls === 1) pieces.enqueue({ type: 'text-delta', id: '1', delta: 'One ' });
        else controller.abort(reason); // nothing comes after it
      },
    },
    { highWaterMark: 0 },
  );
  const model = aiSdkModel(new MockLanguageModelV4({ doStream: { stream } }));
  expect(await rejection(model(requestOf({ signal: controller.signal })))).toBe(reason);
});

describe('without a stream', () => {
  test('an answer that ended as a failure is not shown', async () => {
    const mock = new MockLanguageModelV4({
      doGenerate: {
        content: [{ type: 'text', text: 'Half an' }],
        finishReason: { unified: 'error', raw: undefined },
        usage,
        warnings: [],
      },
    });
    const { shown, onChunk } = listener();
    await rejection(aiSdkModel(mock, { stream: false })(requestOf(), onChunk));
    expect(shown).toEqual([]);
  });
});

describe('language models of V3', () => {
  test('answer, with files in their form', async () => {
    const mock = new MockLanguageModelV3({
      doStream: async () => ({
        stream: convertArrayToReadableStream([
          { type: 'text-start' as const, id: '1' },
          { type: 'text-delta' as const, id: '1', delta: 'Here' },
          { type: 'file' as const, mediaType: 'image/png', data: 'AQID' },
          { type: 'finish' as const, finishReason: { unified: 'stop' as const, raw: undefined }, usage },
        ]),
      }),
    });
    const { message } = await aiSdkModel(mock)(requestOf());
    expect(message.content).toEqual([
      { text: 'Here' },
      { media: { url: 'data:image/png;base64,AQID', contentType: 'image/png' } },
    ]);
    const said = { role: 'user' as const, content: [{ media: { url: 'https://example.com/a.png' } }] };
    const answered = {
      role: 'tool' as const,
      content: [{ toolResponse: { name: 'draw', ref: 'c1', content: message.content } }],
    };
    const asked = {
      role: 'model' as const,
      content: [{ toolRequest: { name: 'draw', ref: 'c1' } }, ...message.content],
    };
    await aiSdkModel(mock)(requestOf({ messages: [said, asked, answered] }));
    expect(mock.doStreamCalls[1]?.prompt).toEqual([
      { role: 'user', content: [{ type: 'file', mediaType: 'image/*', data: new URL('https://example.com/a.png') }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool-call', toolCallId: 'c1', toolName: 'draw', input: {} },
          { type: 'text', text: 'Here' },
          { type: 'file', mediaType: 'image/png', data: 'AQID' },
        ],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'draw',
            output: {
              type: 'content',
              value: [
                { type: 'text', text: 'Here' },
                { type: 'image-data', data: 'AQID', mediaType: 'image/png' },
              ],
            },
          },
        ],
      },
    ]);
  });
});

test.each([undefined, 'openai/gpt-5', { specificationVersion: 'v2' }])('%j is no language model', (nothing) => {
  const refuse = () => aiSdkModel(nothing as never);
  expect(refuse).toThrow(SessError);
  expect(refuse).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});

test('a tool of the application is none that the provider runs', () => {
  const refuse = () => aiSdkModel(streaming(finish), { providerTools: { add: { description: 'Adds.' } } });
  expect(refuse).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});
