import type { MessageData, Part } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { toPrompt } from '../src/to-prompt.ts';

const user = (...content: Part[]): MessageData => ({ role: 'user', content });
const model = (...content: Part[]): MessageData => ({ role: 'model', content });
const tool = (...content: Part[]): MessageData => ({ role: 'tool', content });
const ask = (name: string, ref?: string): Part => ({ toolRequest: { name, ref, input: { of: ref } } });
const reply = (name: string, ref: string | undefined, output: unknown): Part => ({
  toolResponse: { name, ref, output },
});
const call = (toolCallId: string, toolName: string, input: unknown = { of: toolCallId }) => ({
  type: 'tool-call',
  toolCallId,
  toolName,
  input,
});
const result = (toolCallId: string, toolName: string, value: unknown, type = 'text') => ({
  type: 'tool-result',
  toolCallId,
  toolName,
  output: { type, value },
});
const lost = (id: string, name: string) =>
  result(id, name, 'The call was interrupted; its outcome is unknown.', 'error-text');
const broken = (...content: Part[]): MessageData => ({ ...model(...content), metadata: { sess: { end: 'failed' } } });

describe('messages of one role', () => {
  test('that follow each other become one, and so do texts that meet', () => {
    const options = { metadata: { 'ai-sdk': { providerOptions: { mock: { cache: true } } } } };
    expect(
      toPrompt([
        { role: 'system', content: [{ text: 'Be brief.' }] },
        { role: 'system', content: [{ text: 'Be kind.' }] },
        user({ text: 'Hello?' }),
        { ...user({ text: 'Anybody?' }), ...options },
        user({ data: { a: 1 }, ...options }),
        model({ text: 'Yes.' }),
        model({ text: 'I am here.' }),
      ]),
    ).toEqual([
      { role: 'system', content: 'Be brief.\n\nBe kind.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hello?\n\nAnybody?' },
          { type: 'text', text: '{"a":1}', providerOptions: { mock: { cache: true } } },
        ],
        providerOptions: { mock: { cache: true } },
      },
      { role: 'assistant', content: [{ type: 'text', text: 'Yes.\n\nI am here.' }] },
    ]);
  });

  test('do so too where what stood between them says nothing', () => {
    expect(
      toPrompt([user({ text: 'a' }), model({ text: '' }), { role: 'system', content: [] }, user({ text: 'b' })]),
    ).toEqual([{ role: 'user', content: [{ type: 'text', text: 'a\n\nb' }] }]);
  });
});

describe('tool calls', () => {
  test('are answered, whatever the outcome was', () => {
    const asked = model(ask('a', '1'), ask('b', '2'), ask('c', '3'), ask('d', '4'));
    const answered = [
      tool(reply('a', '1', 'text'), reply('b', '2', { n: 1 })),
      tool(reply('d', '4', undefined), reply('c', '3', { error: 'No.' })),
    ];
    expect(toPrompt([asked, ...answered])).toEqual([
      { role: 'assistant', content: [call('1', 'a'), call('2', 'b'), call('3', 'c'), call('4', 'd')] },
      {
        role: 'tool',
        content: [
          result('1', 'a', 'text'),
          result('2', 'b', { n: 1 }, 'json'),
          result('4', 'd', null, 'json'),
          result('3', 'c', 'No.', 'error-text'),
        ],
      },
    ]);
  });

  test('that nobody answered get an error right behind them', () => {
    expect(toPrompt([model(ask('a', '1'), ask('b', '2')), tool(reply('b', '2', 'x')), user({ text: 'hi' })])).toEqual([
      { role: 'assistant', content: [call('1', 'a'), call('2', 'b')] },
      { role: 'tool', content: [result('2', 'b', 'x'), lost('1', 'a')] },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ]);
    expect(toPrompt([model(ask('a', '1')), model({ text: 'never mind' })])).toMatchObject([
      { role: 'assistant' },
      { role: 'tool', content: [lost('1', 'a')] },
      { role: 'assistant' },
    ]);
    expect(toPrompt([model(ask('a', '1'))])).toMatchObject([{ role: 'assistant' }, { content: [lost('1', 'a')] }]);
  });

  test('get one answer; those without a call, or to one of an earlier round, are left out', () => {
    expect(
      toPrompt([
        tool(reply('z', '0', 'of a call that was cut off')),
        model(ask('a', '1')),
        tool(reply('a', '1', 'first'), reply('a', '1', 'second')),
        model({ text: 'Fine.' }),
        tool(reply('a', '1', 'late')),
      ]),
    ).toEqual([
      { role: 'assistant', content: [call('1', 'a')] },
      { role: 'tool', content: [result('1', 'a', 'first')] },
      { role: 'assistant', content: [{ type: 'text', text: 'Fine.' }] },
    ]);
  });

  test('without an id get one, and are answered by name, in their order', () => {
    const round = [model(ask('a'), ask('a'), ask('b')), tool(reply('b', undefined, 3), reply('a', undefined, 1))];
    const [asked, answered, again] = toPrompt([...round, ...round]);
    const ids = ['call_0_0', 'call_0_1', 'call_0_2'];
    expect(asked?.content).toMatchObject(ids.map((toolCallId) => ({ toolCallId })));
    expect(answered?.content).toEqual([
      result('call_0_2', 'b', 3, 'json'),
      result('call_0_0', 'a', 1, 'json'),
      lost('call_0_1', 'a'),
    ]);
    expect(again?.content).not.toMatchObject([{ toolCallId: 'call_0_0' }, {}, {}]);
  });

  test('may be answered with parts', () => {
    const content: Part[] = [{ text: 'see' }, { media: { url: 'data:image/png;base64,AQID' } }];
    const [, answered] = toPrompt([
      model(ask('a', '1')),
      tool({ toolResponse: { name: 'a', ref: '1', output: { n: 1 }, content } }),
    ]);
    expect(answered?.content).toMatchObject([
      {
        output: {
          type: 'content',
          value: [
            { type: 'text', text: '{"n":1}' },
            { type: 'text', text: 'see' },
            { type: 'file', data: { type: 'data', data: 'AQID' }, mediaType: 'image/png' },
          ],
        },
      },
    ]);
  });
});

describe('an answer that broke off', () => {
  test('is shown without what it left unfinished', () => {
    const details = (fields: object) => ({ metadata: { 'ai-sdk': fields } });
    const search = { type: 'tool-call', toolName: 'search', input: {} };
    const found = { type: 'tool-result', toolName: 'search', result: 'it' };
    const parts: Part[] = [
      { reasoning: 'Let me' },
      details({ ...search, toolCallId: '1' }),
      details({ ...found, toolCallId: '1' }),
      details({ ...search, toolCallId: '2' }),
      { text: 'Half an' },
    ];
    expect(toPrompt([broken(...parts)])).toMatchObject([
      {
        content: [
          { type: 'tool-call', toolCallId: '1' },
          { type: 'tool-result', toolCallId: '1' },
          { type: 'text', text: 'Half an' },
        ],
      },
    ]);
    expect(toPrompt([model(...parts)])[0]?.content).toHaveLength(5);
  });

  test('is not there where nothing of it is left', () => {
    expect(toPrompt([user({ text: 'a' }), broken({ reasoning: 'hm' }), user({ text: 'b' })])).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'a\n\nb' }] },
    ]);
  });
});

describe('media', () => {
  const fileOf = (part: Part) => toPrompt([user(part)])[0]?.content;

  test.each([
    ['data:image/png;base64,AQID', undefined, { type: 'data', data: 'AQID' }, 'image/png'],
    ['data:image/png;base64,AQID', 'image/x', { type: 'data', data: 'AQID' }, 'image/x'],
    ['data:,a%20b', undefined, { type: 'data', data: 'YSBi' }, 'text/plain'],
    ['data:text/plain;charset=utf-8,%C3%A4', undefined, { type: 'data', data: 'w6Q=' }, 'text/plain'],
    [
      'https://example.com/a.pdf',
      'application/pdf',
      { type: 'url', url: new URL('https://example.com/a.pdf') },
      'application/pdf',
    ],
    ['https://example.com/a', undefined, { type: 'url', url: new URL('https://example.com/a') }, 'image/*'],
  ])('%s of type %s', (url, contentType, data, mediaType) => {
    expect(fileOf({ media: { url, contentType } })).toEqual([{ type: 'file', data, mediaType }]);
  });

  test('have their names, and what providers are told of them', () => {
    const details = {
      filename: 'a.pdf',
      reference: { openai: 'file-1' },
      providerOptions: { openai: { detail: 'low' } },
    };
    const media = { url: 'https://example.com/a.pdf', contentType: 'application/pdf' };
    expect(fileOf({ media, metadata: { 'ai-sdk': details } })).toEqual([
      {
        type: 'file',
        data: { type: 'reference', reference: { openai: 'file-1' } },
        mediaType: 'application/pdf',
        filename: 'a.pdf',
        providerOptions: { openai: { detail: 'low' } },
      },
    ]);
  });

  test('must have a URL', () => {
    expect(() => fileOf({ media: { url: 'a.png' } })).toThrow('A media part has no valid URL.');
  });
});

test('parts that models have no place for are left out, and pointers are told as texts', () => {
  expect(toPrompt([user({ custom: { mine: 1 } }, { resource: { uri: 'doc://1' } }, { metadata: { x: 1 } })])).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'doc://1' }] },
  ]);
});
