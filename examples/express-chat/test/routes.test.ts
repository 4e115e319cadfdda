import { rmSync, writeFileSync } from 'node:fs';
import type { SessOptions } from '@sess/core';
import { demoModel, type ScriptEntry, scriptedModel } from '@sess/core/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { all, Client } from './support/client.ts';
import { TestApp } from './support/test-app.ts';
import { gate, waitingModel } from './support/waiting-model.ts';

let app: TestApp;
afterEach(() => app?.stop());

async function start(options: SessOptions = { model: demoModel() }): Promise<Client> {
  app = await TestApp.start(options);
  return Client.signedIn(app.url);
}

const script = (...entries: ScriptEntry[]) => start({ model: scriptedModel(...entries) });

describe('POST /chat', () => {
  test('begins a session, and goes on with it', async () => {
    const ada = await start();
    const first = await ada.post('/chat', { message: 'my name is Ada' });
    expect(first).toMatchObject({ status: 200, body: { response: 'Nice to meet you, Ada.' } });
    const { sessionId } = first.body;
    const second = await ada.post('/chat', { message: 'what is my name?', sessionId });
    expect(second).toMatchObject({ status: 200, body: { response: 'Your name is Ada.', sessionId } });
  });

  test('tells the usage', async () => {
    const usage = { inputTokens: 3, outputTokens: 4, totalTokens: 7 };
    const ada = await script({ message: { role: 'model', content: [{ text: 'Hi' }] }, finishReason: 'stop', usage });
    expect((await ada.post('/chat', { message: 'hi' })).body).toMatchObject({ response: 'Hi', usage });
  });

  test.each([
    ['no body', undefined],
    ['broken JSON', '{"message":'],
    ['JSON that is no object', '"hello"'],
    ['an array', ['hello']],
    ['no message', { sessionId: 'x' }],
    ['an empty message', { message: ' \n' }],
    ['a number', { message: 7 }],
    ['parts', { message: [{ text: 'hello' }] }],
    ['an input of send', { message: { messages: [], keep: 0 } }],
  ])('%s: 400, and nothing is stored', async (_title, body) => {
    const ada = await start();
    const reply = await ada.post('/chat', body);
    expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_ARGUMENT', retryable: false } });
    expect((await ada.get('/sessions')).body.sessions).toEqual([]);
  });

  test.each([
    ['an object', { $gt: '' }],
    ['a number', 1],
    ['true', true],
    ['an array', ['a']],
    ['one that is too long', 'x'.repeat(600)],
    ['half a character', '\ud800'],
  ])('a session id that is %s: 400', async (_title, sessionId) => {
    const ada = await start();
    const reply = await ada.post('/chat', { message: 'hello', sessionId });
    expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_ID' } });
  });

  test.each(['no-such', '__proto__', 'constructor', '../../etc/passwd', "'; DROP TABLE sessions"])(
    'a session id that there is not (%s): 404, and it is not created',
    async (sessionId) => {
      const ada = await start();
      const reply = await ada.post('/chat', { message: 'hello', sessionId });
      expect(reply).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
      expect((await ada.get('/sessions')).body.sessions).toEqual([]);
    },
  );

  test('an owner in the body changes nothing', async () => {
    const ada = await start();
    await ada.post('/chat', { message: 'hello', owner: 'grace', user: 'grace' });
    expect((await ada.get('/sessions')).body.sessions).toHaveLength(1);
    const grace = await Client.signedIn(app.url, 'grace');
    expect((await grace.get('/sessions')).body.sessions).toEqual([]);
  });

  test('a body that is too large: 413', async () => {
    const ada = await start();
    const reply = await ada.post('/chat', { message: 'x'.repeat(200_000) });
    expect(reply).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
  });

  test('a message with half a character: 400, in a new session and in another', async () => {
    const ada = await start();
    const { sessionId } = (await ada.post('/chat', { message: 'hello' })).body;
    for (const id of [undefined, sessionId]) {
      const reply = await ada.post('/chat', { message: 'half \ud800', sessionId: id });
      expect(reply).toMatchObject({ status: 400, body: { code: 'NOT_SERIALIZABLE' } });
    }
  });

  test('a form instead of JSON, as another site could send it: 400', async () => {
    const ada = await start();
    const reply = await ada.post('/chat', 'message=hello', { 'content-type': 'application/x-www-form-urlencoded' });
    expect(reply.status).toBe(400);
    expect((await ada.post('/chat', '{"message":"hello"}', { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await ada.get('/sessions')).body.sessions).toEqual([]);
  });

  test('a failing model: 502, without its words; the message is kept, and the session goes on', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    const ada = await script(new Error('no key sk-123'), 'Hello.');
    const { status, body } = await ada.post('/chat', { message: 'first' });
    expect({ status, body }).toMatchObject({ status: 502, body: { code: 'MODEL_FAILED' } });
    expect(JSON.stringify(body)).not.toContain('sk-123');
    expect(log).toHaveBeenCalledWith(expect.stringContaining('no key sk-123'));
    const { sessionId } = body;
    expect((await ada.post('/chat', { message: 'second', sessionId })).body.response).toBe('Hello.');
    expect((await ada.get(`/sessions/${sessionId}/messages`)).body.messages).toEqual([
      { role: 'user', text: 'first' },
      { role: 'user', text: 'second' },
      { role: 'model', text: 'Hello.' },
    ]);
  });

  test('a session that is busy for too long: 503 with Retry-After, and the message is not stored', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {});
    const { entry, open } = waitingModel();
    const ada = await start({ model: scriptedModel(entry), leaseMs: 50, waitTimeout: 100 });
    const stream = await ada.stream('first');
    const { sessionId } = (await stream.next()).value?.data ?? {};
    await stream.next(); // the first piece: the message is stored
    const reply = await ada.post('/chat', { message: 'second', sessionId });
    expect(reply).toMatchObject({ status: 503, body: { code: 'BUSY', retryable: true, sessionId } });
    expect(reply.headers.get('retry-after')).toBe('5');
    open();
    expect((await all(stream)).at(-1)).toMatchObject({ event: 'done', data: { response: 'One moment.' } });
    expect((await ada.get(`/sessions/${sessionId}/messages`)).body.messages).toHaveLength(2);
  });

  test('a store that cannot be used: 503 with Retry-After, and no path', async () => {
    const ada = await start();
    const { sessionId } = (await ada.post('/chat', { message: 'hello' })).body;
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    rmSync(app.folder, { recursive: true });
    writeFileSync(app.folder, 'a file where the folder was');
    for (const reply of [
      await ada.post('/chat', { message: 'hello' }),
      await ada.get('/sessions'),
      await ada.post('/chat', { message: 'hello', sessionId }),
      await ada.get(`/sessions/${sessionId}/messages`),
      await ada.request('DELETE', `/sessions/${sessionId}`),
    ]) {
      expect(reply).toMatchObject({ status: 503, body: { code: 'STORE_FAILED', retryable: true } });
      expect(reply.headers.get('retry-after')).toBe('5');
      expect(JSON.stringify(reply.body)).not.toContain(app.folder);
    }
    expect(log).toHaveBeenCalledWith(expect.stringContaining('STORE_FAILED'));
  });
});

describe('sessions', () => {
  test('are listed page by page, the newest first, with their titles', async () => {
    const ada = await start();
    for (let number = 1; number <= 32; number += 1) await ada.post('/chat', { message: `chat ${number}` });
    const first = (await ada.get('/sessions')).body;
    expect(first.sessions).toHaveLength(30);
    expect(first.sessions[0]).toMatchObject({ title: 'chat 32', updatedAt: expect.any(Number) });
    const second = (await ada.get(`/sessions?cursor=${encodeURIComponent(first.cursor)}`)).body;
    expect(second.sessions.map(({ title }: { title: string }) => title)).toEqual(['chat 2', 'chat 1']);
    expect(second.cursor).toBeUndefined();
  });

  test('a foreign cursor: 400', async () => {
    const ada = await start();
    for (const query of ['cursor=nonsense', 'cursor=a&cursor=b']) {
      expect((await ada.get(`/sessions?${query}`)).status).toBe(400);
    }
  });

  test('messages are read from the end, page by page', async () => {
    const ada = await start();
    const { sessionId } = (await ada.post('/chat', { message: 'message 0' })).body;
    const session = await app.ai.loadSession(sessionId);
    const more = Array.from({ length: 70 }, (_, index) => ({ role: 'user' as const, content: `message ${index + 2}` }));
    await session.chat().append(more);
    const newest = (await ada.get(`/sessions/${sessionId}/messages`)).body;
    expect(newest.messages).toHaveLength(50);
    expect(newest.messages.at(-1)).toEqual({ role: 'user', text: 'message 71' });
    const older = (await ada.get(`/sessions/${sessionId}/messages?before=${newest.earlier}`)).body;
    expect(older.messages).toHaveLength(22);
    expect(older.messages[0]).toEqual({ role: 'user', text: 'message 0' });
    expect(older.earlier).toBeUndefined();
    for (const before of ['x', '-1', '1.5']) {
      expect((await ada.get(`/sessions/${sessionId}/messages?before=${before}`)).status).toBe(400);
    }
  });

  test('are reset: the session stays, its messages go', async () => {
    const ada = await start();
    const { sessionId } = (await ada.post('/chat', { message: 'my name is Ada' })).body;
    expect((await ada.post(`/sessions/${sessionId}/reset`)).status).toBe(204);
    expect((await ada.get(`/sessions/${sessionId}/messages`)).body.messages).toEqual([]);
    const { response } = (await ada.post('/chat', { message: 'what is my name?', sessionId })).body;
    expect(response).toMatch(/^You have not told me/);
  });

  test('are deleted, once', async () => {
    const ada = await start();
    const { sessionId } = (await ada.post('/chat', { message: 'hello' })).body;
    expect((await ada.request('DELETE', `/sessions/${sessionId}`)).status).toBe(204);
    expect((await ada.request('DELETE', `/sessions/${sessionId}`)).status).toBe(404);
    expect((await ada.post('/chat', { message: 'hello', sessionId })).status).toBe(404);
    expect((await ada.get('/sessions')).body.sessions).toEqual([]);
  });

  const routes: [string, string, object?][] = [
    ['POST', '/chat', { message: 'what is my name?' }],
    ['GET', '/sessions/ID/messages'],
    ['GET', '/sessions/ID/answer'],
    ['POST', '/sessions/ID/stop'],
    ['POST', '/sessions/ID/reset'],
    ['DELETE', '/sessions/ID'],
  ];
  test.each(routes)("%s %s of somebody else's session is answered like one that there is not", async (...route) => {
    const [method, path, body] = route;
    const { opened, open } = gate();
    const ada = await script(
      'Nice to meet you.',
      opened.then(() => 'A long answer.'),
    );
    const grace = await Client.signedIn(app.url, 'grace');
    const { sessionId } = (await ada.post('/chat', { message: 'my name is Ada' })).body;
    const running = ada.post('/chat', { message: 'tell me a story', sessionId });
    await vi.waitFor(() => expect(app.turns.find('ada', sessionId)).toHaveLength(1));
    const replyFor = (client: Client, id: string) =>
      client.request(method, path.replace('ID', id), body && { ...body, sessionId: id });

    const theirs = await replyFor(grace, sessionId);
    const none = await replyFor(grace, 'no-such');
    expect(theirs.status).toBe(404);
    expect(theirs.body.code).toBe('NOT_FOUND');
    expect(theirs.body).toEqual(JSON.parse(JSON.stringify(none.body).replaceAll('no-such', sessionId)));
    open();
    expect(await running).toMatchObject({ status: 200, body: { response: 'A long answer.' } });
    expect((await ada.get(`/sessions/${sessionId}/messages`)).body.messages).toHaveLength(4);
  });

  test.each([
    ['%E0%A4%A', 400],
    ['x'.repeat(600), 400],
    ['__proto__', 404],
    ['..%2f..%2fetc', 404],
  ])('a hostile id in the path (%s): %i', async (id, expected) => {
    const ada = await start();
    expect((await ada.get(`/sessions/${id}/messages`)).status).toBe(expected);
    expect((await ada.request('DELETE', `/sessions/${id}`)).status).toBe(expected);
  });
});

describe('signing in', () => {
  test.each([
    ['a wrong password', { name: 'ada', password: 'wrong' }],
    ['an unknown user', { name: 'nobody', password: 'demo' }],
    ['a name of objects', { name: { $ne: '' }, password: 'demo' }],
    ['a name of the language', { name: '__proto__', password: '' }],
    ['no password', { name: 'ada' }],
    ['nothing', undefined],
  ])('with %s: 401', async (_title, body) => {
    await start();
    const client = new Client(app.url);
    expect(await client.post('/sign-in', body)).toMatchObject({ status: 401, body: { code: 'UNAUTHENTICATED' } });
    expect((await client.get('/me')).status).toBe(401);
  });

  test('nothing can be done without, or with a cookie that was not signed here', async () => {
    await start();
    const stranger = new Client(app.url);
    const cookie = `chat=${Buffer.from('{"user":"ada"}').toString('base64')}; chat.sig=${'A'.repeat(27)}`;
    for (const [method, path] of [
      ['GET', '/me'],
      ['POST', '/chat'],
      ['GET', '/sessions'],
      ['GET', '/sessions/x/messages'],
      ['GET', '/sessions/x/answer'],
      ['POST', '/sessions/x/stop'],
      ['POST', '/sessions/x/reset'],
      ['DELETE', '/sessions/x'],
    ] as const) {
      expect((await stranger.request(method, path)).status).toBe(401);
      expect((await stranger.request(method, path, undefined, { cookie })).status).toBe(401);
    }
  });

  test('the cookie cannot be read by scripts, nor sent by other sites', async () => {
    await start();
    const { headers } = await new Client(app.url).post('/sign-in', { name: 'ada', password: 'demo' });
    const cookies = headers.getSetCookie();
    expect(cookies).toHaveLength(2);
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; samesite=strict/i);
      expect(cookie).toMatch(/; httponly/i);
      expect(cookie).not.toMatch(/; secure/i);
    }
    const behindProxy = await new Client(app.url).post(
      '/sign-in',
      { name: 'ada', password: 'demo' },
      {
        'x-forwarded-proto': 'https',
      },
    );
    expect(behindProxy.headers.getSetCookie()[0]).toMatch(/; secure/i);
  });

  test('signing out ends it', async () => {
    const ada = await start();
    expect((await ada.get('/me')).body).toEqual({ name: 'ada' });
    await ada.post('/sign-out');
    expect((await ada.get('/me')).status).toBe(401);
  });
});

describe('the server', () => {
  test('refuses changes that other sites ask for', async () => {
    const ada = await start();
    for (const site of ['cross-site', 'same-site']) {
      const reply = await ada.post('/chat', { message: 'hello' }, { 'sec-fetch-site': site });
      expect(reply).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    }
    expect((await ada.post('/chat', { message: 'hello' }, { 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('serves the page with a policy that lets nothing in', async () => {
    await start();
    const response = await fetch(app.url);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'none'",
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await response.text()).not.toMatch(/<script>|\son\w+=|style=/);
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  test('answers what it does not have with JSON, and a fault of its own without a stack', async () => {
    const ada = await start();
    expect(await ada.get('/nothing')).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    vi.spyOn(app.ai.sessions, 'page').mockImplementation(() => {
      throw new TypeError('a bug at /srv/app.js');
    });
    const { status, body } = await ada.get('/sessions');
    expect({ status, body }).toEqual({
      status: 500,
      body: { code: 'INTERNAL', message: 'Something went wrong on the server.', retryable: false },
    });
    expect(log).toHaveBeenCalledWith('a bug at /srv/app.js');
  });
});
