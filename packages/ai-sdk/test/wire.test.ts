import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { aiSdkModel, type LanguageModel } from '@sess/ai-sdk';
import { memoryStore, sess } from '@sess/core';
import { askForTools, ChatServer, cutAfter, endWithoutFinish, hangAfter, type Reply, refuse, say } from 'chat-server';
import { createOpenAICompatible as createOpenAICompatibleV3 } from 'openai-compatible-v3';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { rejection } from './support/streams.ts';

const providers: [string, (baseURL: string) => LanguageModel][] = [
  ['v4', (baseURL) => createOpenAICompatible({ ...settings, baseURL })('llama')],
  ['v3', (baseURL) => createOpenAICompatibleV3({ ...settings, baseURL })('llama')],
];
const settings = { name: 'test', apiKey: 'key-1', includeUsage: true, supportsStructuredOutputs: true };

let server: ChatServer | undefined;
afterEach(() => server?.close());

describe.each(providers)('an OpenAI-compatible server, by a language model of %s', (_, languageModel) => {
  async function start(...replies: Reply[]) {
    server = await ChatServer.start(...replies);
    const { calls, url } = server;
    return { calls, ai: sess({ model: aiSdkModel(languageModel(url)), store: memoryStore() }), url };
  }

  test('streams an answer, and is shown the history', async () => {
    const { ai, calls } = await start(say('Hel', 'lo.'), say('Again.'));
    const chat = ai.createSession().chat('main', { system: 'Be brief.', config: { temperature: 0.5 } });
    const turn = chat.send('hi');
    const pieces: string[] = [];
    for await (const { text } of turn) pieces.push(text);
    expect(pieces).toEqual(['Hel', 'lo.']);
    expect((await turn).usage).toEqual({ inputTokens: 7, outputTokens: 3, totalTokens: 10 });
    await chat.send('and?');
    expect(calls[0]).toMatchObject({ path: '/v1/chat/completions', headers: { authorization: 'Bearer key-1' } });
    expect(calls[1]?.body).toMatchObject({
      model: 'llama',
      stream: true,
      temperature: 0.5,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
        { role: 'assistant', content: 'Hello.' },
        { role: 'user', content: 'and?' },
      ],
    });
  });

  test('is asked for an answer in one piece', async () => {
    server = await ChatServer.start(say('Hel', 'lo.'));
    const model = aiSdkModel(languageModel(server.url), { stream: false });
    const { text, usage } = await sess({ model, store: memoryStore() }).createSession().send('hi');
    expect({ text, usage }).toMatchObject({ text: 'Hello.', usage: { totalTokens: 10 } });
    expect(server.calls[0]?.body.stream).toBeUndefined();
  });

  test('has tools called', async () => {
    const { ai, calls } = await start(
      askForTools({ id: 'c1', name: 'add', input: '{"a":1,"b":2}' }, { id: 'c2', name: 'add', input: '{"a":"x"}' }),
      say('Three.'),
    );
    const add = ai.defineTool(
      { name: 'add', description: 'Adds.', inputSchema: z.object({ a: z.number(), b: z.number() }) },
      ({ a, b }) => ({ sum: a + b }),
    );
    const { text, usage } = await ai
      .createSession()
      .chat('main', { tools: [add] })
      .send('1 + 2?');
    expect({ text, usage }).toMatchObject({ text: 'Three.', usage: { totalTokens: 20 } });
    expect(calls[0]?.body.tools).toMatchObject([
      { type: 'function', function: { name: 'add', description: 'Adds.', parameters: { required: ['a', 'b'] } } },
    ]);
    expect(calls[1]?.body.messages.slice(1)).toMatchObject([
      {
        role: 'assistant',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'add', arguments: '{"a":1,"b":2}' } },
          { id: 'c2', type: 'function', function: { name: 'add', arguments: '{"a":"x"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'c1', content: '{"sum":3}' },
      { role: 'tool', tool_call_id: 'c2', content: expect.stringContaining('a') },
    ]);
  });

  test('gives data in a form, and sees images', async () => {
    const { ai, calls } = await start(say('{"colour":', '"red"}'));
    const output = { schema: z.object({ colour: z.string() }) };
    const content = [{ text: 'Which?' }, { media: { url: 'data:image/png;base64,AQID', contentType: 'image/png' } }];
    const response = await ai.createSession().chat().send(content, { output });
    expect(response.output).toEqual({ colour: 'red' });
    expect(calls[0]?.body).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { schema: { required: ['colour'] } } },
      messages: [
        {
          content: [
            { type: 'text', text: 'Which?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AQID' } },
          ],
        },
      ],
    });
  });

  test.each([
    [401, 'Wrong key.', false],
    [429, 'Too many.', true],
    [500, 'Broken.', true],
  ])('refuses with %i: one call, and the next send works', async (status, message, retryable) => {
    const { ai, calls } = await start(refuse(status, message), say('Hello.'));
    const chat = ai.createSession().chat();
    expect(await rejection(chat.send('hi'))).toMatchObject({
      code: 'MODEL_FAILED',
      retryable,
      cause: { message, statusCode: status },
    });
    expect(calls).toHaveLength(1);
    expect((await chat.send('still there?')).text).toBe('Hello.');
    expect(calls[1]?.body.messages).toEqual([{ role: 'user', content: 'hi\n\nstill there?' }]);
  });

  test('cuts the connection in mid-answer: it may be tried again, and the half is shown as such', async () => {
    const { ai, calls } = await start(cutAfter('Half an'), say('Hello.'));
    const chat = ai.createSession().chat();
    expect(await rejection(chat.send('hi'))).toMatchObject({ code: 'MODEL_FAILED', retryable: true });
    expect(chat.messages.at(-1)).toMatchObject({
      content: [{ text: 'Half an' }],
      metadata: { sess: { end: 'failed' } },
    });
    await chat.send('go on');
    expect(calls[1]?.body.messages).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'Half an' },
      { role: 'user', content: 'go on' },
    ]);
  });

  test('ends the stream before the answer is whole', async () => {
    const { ai } = await start(endWithoutFinish('Half an'));
    expect(await rejection(ai.createSession().send('hi'))).toMatchObject({ code: 'MODEL_FAILED', retryable: true });
  });

  test('sees the connection closed when the turn is aborted', async () => {
    const { ai, calls } = await start(hangAfter('One moment'));
    const turn = ai.createSession().send('hi');
    for await (const { text } of turn) {
      expect(text).toBe('One moment');
      turn.abort();
      break;
    }
    expect(await rejection(turn)).toMatchObject({ code: 'ABORTED', partial: { content: [{ text: 'One moment' }] } });
    await calls[0]?.cutOff;
  });

  test('is not there', async () => {
    const { ai } = await start();
    await server?.close();
    server = undefined;
    expect(await rejection(ai.createSession().send('hi'))).toMatchObject({ code: 'MODEL_FAILED', retryable: true });
  });
});
