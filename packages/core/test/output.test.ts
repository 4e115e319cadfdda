import { sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { errorOf, gate } from './samples.ts';
import { outline, request } from './tool-samples.ts';

const recipe = z.object({ title: z.string(), minutes: z.number().default(10) });

describe('output', () => {
  test('is the answer as data, as the schema gives it back', async () => {
    const model = scriptedModel('{"title": "Tea"}');
    const response = await sess({ model })
      .createSession()
      .send('A recipe!', { output: { schema: recipe } });
    expect(response.output).toEqual({ title: 'Tea', minutes: 10 });
    expect(response.text).toBe('{"title": "Tea"}');
  });

  test('tells the model of the form', async () => {
    const model = scriptedModel('{"title": "Tea"}', '1');
    const session = sess({ model }).createSession();
    await session.send('A recipe!', { output: { schema: recipe } });
    await session.send('A number!', { output: { format: 'json', jsonSchema: { type: 'number' } } });
    expect(model.requests.map(({ output }) => output)).toMatchObject([
      { format: 'json', schema: { type: 'object', required: ['title'] } },
      { format: 'json', schema: { type: 'number' } },
    ]);
  });

  test.each([
    ['between fences', 'Here:\n```json\n{"title": "Tea"}\n```\nEnjoy!'],
    ['between fences without a name', '```\n{"title": "Tea"}```'],
    ['with a fence inside', '{"title": "Tea", "note": "```json"}'],
  ])('is found %s', async (_, text) => {
    const { output } = await sess({ model: scriptedModel(text) })
      .createSession()
      .send('?', { output: { format: 'json' } });
    expect(output).toMatchObject({ title: 'Tea' });
  });

  test('is the data part, where there is one', async () => {
    const { output } = await sess({ model: scriptedModel([{ data: { title: 'Tea' } }]) })
      .createSession()
      .send('?', { output: { schema: recipe } });
    expect(output).toEqual({ title: 'Tea', minutes: 10 });
  });

  test('is undefined where no form was asked for', async () => {
    expect(
      (
        await sess({ model: scriptedModel('{}') })
          .createSession()
          .send('?')
      ).output,
    ).toBeUndefined();
  });

  test('may be an option of sess() or of a chat', async () => {
    const ai = sess({ model: scriptedModel('1', '2'), output: { format: 'json' } });
    expect((await ai.createSession().send('?')).output).toBe(1);
    expect((await ai.chat({ output: { schema: z.number() } }).send('?')).output).toBe(2);
  });

  test('takes { schema, jsonSchema } of a library that cannot tell', async () => {
    const schema = {
      '~standard': { version: 1 as const, vendor: 'old', validate: async () => ({ value: 'checked' }) },
    };
    const { output } = await sess({ model: scriptedModel('1') })
      .createSession()
      .send('?', { output: { schema: { schema, jsonSchema: {} } } });
    expect(output).toBe('checked');
  });

  test.each([
    ['is not JSON', 'Tea!'],
    ['does not fit', '{"title": 7}'],
    ['is empty', ''],
  ])('of an answer that %s is MODEL_FAILED', async (_, text) => {
    const chat = sess({ model: scriptedModel(text, 'later') })
      .createSession()
      .chat();
    const error = await errorOf(() => chat.send('?', { output: { schema: recipe } }), 'MODEL_FAILED');
    expect(error).toMatchObject({ sessionId: chat.session.id, thread: 'main', cause: expect.any(TypeError) });
    expect(error.message).not.toContain('Tea');
    expect(await chat.openTurn()).toBeUndefined();
    expect((await chat.send('again')).text).toBe('later');
  });

  test('of an answer that does not fit: the text is kept, marked as failed', async () => {
    const chat = sess({ model: scriptedModel('Tea and toast!') })
      .createSession()
      .chat();
    await errorOf(() => chat.send('?', { output: { schema: recipe } }), 'MODEL_FAILED');
    expect(outline(chat.messages)).toEqual(['user: ?', 'model: Tea and toast!']);
    expect(chat.messages[1]?.metadata?.sess).toMatchObject({ end: 'failed' });
  });

  test('of a schema that does not answer ends with the abort: the text is kept, marked as aborted', async () => {
    const asked = gate();
    const schema = z.string().refine(() => {
      asked.open();
      return new Promise<boolean>(() => {});
    });
    const chat = sess({ model: scriptedModel('"tea"') }).chat();
    const turn = chat.send('?', { output: { schema } });
    await asked.promise;
    turn.abort();
    await errorOf(() => turn, 'ABORTED');
    expect(chat.messages[1]).toMatchObject({ content: [{ text: '"tea"' }], metadata: { sess: { end: 'aborted' } } });
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('is of the last round, after tools', async () => {
    const ai = sess({ model: scriptedModel([{ text: 'Wait.' }, request('clock', '1')], '12') });
    const clock = ai.defineTool({ name: 'clock', description: '' }, () => 'noon');
    const { output } = await ai.createSession().send('?', { tools: [clock], output: { schema: z.number() } });
    expect(output).toBe(12);
  });

  test('is not demanded of a message that asks the application for tools', async () => {
    const { output, toolRequests } = await sess({ model: scriptedModel([request('clock', '1')]) })
      .createSession()
      .send('?', { output: { schema: recipe } });
    expect(output).toBeUndefined();
    expect(toolRequests).toHaveLength(1);
  });
});
