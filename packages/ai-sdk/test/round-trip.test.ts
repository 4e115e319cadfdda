import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import { aiSdkModel } from '@sess/ai-sdk';
import { memoryStore, sess } from '@sess/core';
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test';
import { expect, test } from 'vitest';
import { finish, textPieces } from './support/streams.ts';

/** Everything that a provider can say, each with a note of the provider on it. */
const note = (of: string) => ({ mock: { of } });
const search = { toolCallId: 's1', toolName: 'search' };
const answer: LanguageModelV4StreamPart[] = [
  { type: 'reasoning-start', id: 'r' },
  { type: 'reasoning-delta', id: 'r', delta: 'Let me see.' },
  { type: 'reasoning-end', id: 'r', providerMetadata: note('reasoning') },
  { type: 'reasoning-start', id: 'redacted', providerMetadata: note('redacted') },
  { type: 'reasoning-end', id: 'redacted' },
  {
    type: 'reasoning-file',
    mediaType: 'image/png',
    data: { type: 'data', data: 'AQID' },
    providerMetadata: note('sketch'),
  },
  { type: 'tool-call', ...search, input: '{"for":"it"}', providerExecuted: true, providerMetadata: note('call') },
  { type: 'tool-result', ...search, result: { found: 0 }, preliminary: true },
  { type: 'tool-result', ...search, result: { found: 1 }, providerMetadata: note('result') },
  { type: 'tool-call', toolCallId: 's2', toolName: 'search', input: '{}', providerExecuted: true, dynamic: true },
  { type: 'tool-result', toolCallId: 's2', toolName: 'search', result: 'down', isError: true },
  {
    type: 'source',
    sourceType: 'url',
    id: 'u1',
    url: 'https://example.com',
    title: 'Example',
    providerMetadata: note('source'),
  },
  { type: 'custom', kind: 'mock.compaction', providerMetadata: note('custom') },
  {
    type: 'file',
    mediaType: 'image/png',
    data: { type: 'url', url: new URL('https://example.com/a.png') },
    providerMetadata: note('file'),
  },
  { type: 'tool-call', toolCallId: 'p1', toolName: 'pay', input: '{}', providerExecuted: true },
  { type: 'tool-approval-request', approvalId: 'a1', toolCallId: 'p1', providerMetadata: note('approval') },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'There.' },
  {
    type: 'text-end',
    id: 't',
    providerMetadata: note('text'),
    citations: [
      {
        source: { type: 'source', sourceType: 'url', id: 'u1', url: 'https://example.com' },
        startIndex: 0,
        endIndex: 5,
      },
    ],
  },
  finish,
];

/** A mock that says everything in its first answer. */
function knowItAll(): MockLanguageModelV4 {
  const answers = [answer, [...textPieces('Done.'), finish]];
  return new MockLanguageModelV4({
    doStream: async () => ({ stream: convertArrayToReadableStream(answers.shift() ?? []) }),
  });
}

test('what the message format has no field for comes back to the provider, through a store', async () => {
  const mock = knowItAll();
  const ai = sess({ model: aiSdkModel(mock), store: memoryStore() });
  const session = ai.createSession();
  await session.chat().send('Go.');

  const again = await ai.loadSession(session.id);
  const approval = { type: 'tool-approval-response', approvalId: 'a1', approved: true, reason: 'cheap' };
  await again.chat().send({ messages: [{ role: 'tool', content: [{ metadata: { 'ai-sdk': approval } }] }] });

  expect(mock.doStreamCalls[1]?.prompt).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'Go.' }] },
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Let me see.', providerOptions: note('reasoning') },
        { type: 'reasoning', text: '', providerOptions: note('redacted') },
        {
          type: 'reasoning-file',
          mediaType: 'image/png',
          data: { type: 'data', data: 'AQID' },
          providerOptions: note('sketch'),
        },
        { type: 'tool-call', ...search, input: { for: 'it' }, providerExecuted: true, providerOptions: note('call') },
        {
          type: 'tool-result',
          ...search,
          output: { type: 'json', value: { found: 1 } },
          providerOptions: note('result'),
        },
        { type: 'tool-call', toolCallId: 's2', toolName: 'search', input: {}, providerExecuted: true },
        { type: 'tool-result', toolCallId: 's2', toolName: 'search', output: { type: 'error-text', value: 'down' } },
        { type: 'custom', kind: 'mock.compaction', providerOptions: note('custom') },
        {
          type: 'file',
          mediaType: 'image/png',
          data: { type: 'url', url: new URL('https://example.com/a.png') },
          providerOptions: note('file'),
        },
        { type: 'tool-call', toolCallId: 'p1', toolName: 'pay', input: {}, providerExecuted: true },
        { type: 'text', text: 'There.', providerOptions: note('text') },
      ],
    },
    { role: 'tool', content: [{ type: 'tool-approval-response', approvalId: 'a1', approved: true, reason: 'cheap' }] },
  ]);
});

test('sources, citations and requests for approval are there for the application', async () => {
  const { message } = await sess({ model: aiSdkModel(knowItAll()), store: memoryStore() })
    .createSession()
    .send('Go.');
  const details = message.content.map(({ metadata }) => metadata?.['ai-sdk']);
  expect(details).toContainEqual({
    type: 'source',
    sourceType: 'url',
    id: 'u1',
    url: 'https://example.com',
    title: 'Example',
    providerMetadata: note('source'),
  });
  expect(details).toContainEqual(expect.objectContaining({ type: 'tool-approval-request', approvalId: 'a1' }));
  expect(details.at(-1)).toMatchObject({ citations: [{ startIndex: 0, endIndex: 5 }] });
});
