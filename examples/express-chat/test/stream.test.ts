import type { SessOptions } from '@sess/core';
import { demoModel, scriptedModel } from '@sess/core/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { all, Client } from './support/client.ts';
import { TestApp } from './support/test-app.ts';
import { waitingModel } from './support/waiting-model.ts';

let app: TestApp;
afterEach(() => app?.stop());

async function start(options: SessOptions): Promise<Client> {
  app = await TestApp.start(options);
  return Client.signedIn(app.url);
}

async function messagesOf(client: Client, sessionId: string): Promise<unknown[]> {
  return (await client.get(`/sessions/${sessionId}/messages`)).body.messages;
}

describe('an answer as a stream', () => {
  test('comes in pieces, and ends with all of it', async () => {
    const ada = await start({ model: demoModel() });
    const events = await all(await ada.stream('my name is Ada'));
    expect(events.map(({ event }) => event)).toEqual(['start', ...Array(5).fill('chunk'), 'done']);
    const response = 'Nice to meet you, Ada.';
    expect(
      events
        .slice(1, -1)
        .map(({ data }) => data.text)
        .join(''),
    ).toBe(response);
    expect(events.at(-1)?.data).toEqual({ response, sessionId: events[0]?.data.sessionId, usage: {} });
  });

  test('is there while the model still speaks, and ends after it is stored', async () => {
    const { entry, open } = waitingModel();
    const ada = await start({ model: scriptedModel(entry) });
    const stream = await ada.stream('hello');
    const { sessionId } = (await stream.next()).value?.data ?? {};
    expect((await stream.next()).value).toEqual({ event: 'chunk', data: { text: 'One ' } });
    open();
    expect((await all(stream)).at(-1)?.event).toBe('done');
    expect(await messagesOf(ada, sessionId)).toEqual([
      { role: 'user', text: 'hello' },
      { role: 'model', text: 'One moment.' },
    ]);
  });

  test('of a model that fails in between ends with an error; what was said is kept', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const ada = await start({
      model: scriptedModel(async (_request, stream) => {
        stream('One ');
        throw new Error('the line is dead');
      }),
    });
    const events = await all(await ada.stream('hello'));
    expect(events.map(({ event }) => event)).toEqual(['start', 'chunk', 'error']);
    const { sessionId } = events[0]?.data ?? {};
    expect(events[2]?.data).toMatchObject({ code: 'MODEL_FAILED', status: 502, sessionId });
    expect(JSON.stringify(events)).not.toContain('the line is dead');
    expect(log).toHaveBeenCalledWith(expect.stringContaining('the line is dead'));
    expect(await messagesOf(ada, sessionId)).toEqual([
      { role: 'user', text: 'hello' },
      { role: 'model', text: 'One ', end: 'failed' },
    ]);
  });

  test('is refused with a status before it begins', async () => {
    const ada = await start({ model: demoModel() });
    await expect((await ada.stream('hello', 'no-such')).next()).rejects.toThrow('status 404');
    await expect((await ada.stream('')).next()).rejects.toThrow('status 400');
  });

  test('is made and stored also where nobody reads it', async () => {
    const { entry, open } = waitingModel();
    const ada = await start({ model: scriptedModel(entry) });
    const stream = await ada.stream('hello');
    const { sessionId } = (await stream.next()).value?.data ?? {};
    await stream.next();
    await stream.return(); // the connection is closed
    expect(app.turns.find('ada', sessionId)).toHaveLength(1);
    open();
    await app.turns.find('ada', sessionId)[0];
    expect(await messagesOf(ada, sessionId)).toHaveLength(2);
  });

  test('can be read once more from its beginning, while it is made', async () => {
    const { entry, open } = waitingModel();
    const ada = await start({ model: scriptedModel(entry) });
    const stream = await ada.stream('hello');
    const { sessionId } = (await stream.next()).value?.data ?? {};
    await stream.next();
    const again = await ada.follow(sessionId);
    expect((await again.next()).value).toEqual({ event: 'start', data: { sessionId } });
    expect((await again.next()).value).toEqual({ event: 'chunk', data: { text: 'One ' } });
    open();
    const rest = [
      { event: 'chunk', data: { text: 'moment.' } },
      { event: 'done', data: expect.objectContaining({ response: 'One moment.' }) },
    ];
    expect(await all(again)).toEqual(rest);
    expect(await all(stream)).toEqual(rest);
    expect((await ada.get(`/sessions/${sessionId}/answer`)).status).toBe(204);
  });
});

describe('stopping', () => {
  test('ends the answer, keeps what was said, and the session goes on', async () => {
    const model = scriptedModel(waitingModel().entry, 'Gladly.');
    const ada = await start({ model });
    const stream = await ada.stream('hello');
    const { sessionId } = (await stream.next()).value?.data ?? {};
    await stream.next();
    expect((await ada.post(`/sessions/${sessionId}/stop`)).body).toEqual({ stopped: true });
    expect(await all(stream)).toMatchObject([{ event: 'error', data: { code: 'ABORTED' } }]);
    expect(model.requests[0]?.signal.aborted).toBe(true);
    expect(await messagesOf(ada, sessionId)).toEqual([
      { role: 'user', text: 'hello' },
      { role: 'model', text: 'One ', end: 'aborted' },
    ]);
    expect((await ada.post(`/sessions/${sessionId}/stop`)).body).toEqual({ stopped: false });
    expect((await ada.post('/chat', { message: 'go on', sessionId })).body.response).toBe('Gladly.');
  });

  test('tells a client that waits for JSON', async () => {
    const ada = await start({ model: scriptedModel('Hello.', waitingModel().entry) });
    const { sessionId } = (await ada.post('/chat', { message: 'hello' })).body;
    const waiting = ada.post('/chat', { message: 'go on', sessionId });
    await vi.waitFor(() => expect(app.turns.find('ada', sessionId)).toHaveLength(1));
    await ada.post(`/sessions/${sessionId}/stop`);
    expect(await waiting).toMatchObject({ status: 409, body: { code: 'ABORTED' } });
  });
});

describe('two messages at once in one session', () => {
  test('are answered one after the other, and the second knows the first', async () => {
    const { entry, open } = waitingModel();
    const model = scriptedModel(entry, ({ messages }) => `${messages.length} messages`);
    const ada = await start({ model });
    const first = await ada.stream('first');
    const { sessionId } = (await first.next()).value?.data ?? {};
    await first.next();
    const second = await ada.stream('second', sessionId);
    expect((await second.next()).value?.event).toBe('start');
    expect(app.turns.find('ada', sessionId)).toHaveLength(2);
    open();
    expect((await all(second)).at(-1)?.data.response).toBe('3 messages');
    await all(first);
    expect(await messagesOf(ada, sessionId)).toMatchObject([
      { text: 'first' },
      { text: 'One moment.' },
      { text: 'second' },
      { text: '3 messages' },
    ]);
  });

  test('a reset ends the answer that is made', async () => {
    const ada = await start({ model: scriptedModel(waitingModel().entry) });
    const stream = await ada.stream('hello');
    const { sessionId } = (await stream.next()).value?.data ?? {};
    await stream.next();
    await ada.post(`/sessions/${sessionId}/reset`);
    expect(await all(stream)).toMatchObject([{ event: 'error', data: { code: 'CONFLICT' } }]);
    expect(await messagesOf(ada, sessionId)).toEqual([]);
  });

  test('a deletion ends the answer that is made', async () => {
    const ada = await start({ model: scriptedModel(waitingModel().entry) });
    const stream = await ada.stream('hello');
    const { sessionId } = (await stream.next()).value?.data ?? {};
    await stream.next();
    await ada.request('DELETE', `/sessions/${sessionId}`);
    expect(await all(stream)).toMatchObject([{ event: 'error', data: { code: 'NOT_FOUND' } }]);
    expect((await ada.get(`/sessions/${sessionId}/messages`)).status).toBe(404);
  });
});
