import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { all, Client } from './support/client.ts';
import { ServerProcess } from './support/server-process.ts';

/** The first word of an answer then is the last one for as long as a test wants. */
const slow = ['--delay', String(2 ** 30)];
const fast = ['--delay', '0'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'express-chat-'));
});
afterEach(async () => {
  await ServerProcess.killAll();
  rmSync(folder, { recursive: true, force: true });
});

test('after kill -9 in mid-answer the session goes on', async () => {
  const variables = { COOKIE_SECRET: 'kept over the restart' };
  const killed = await ServerProcess.serve(folder, slow, variables);
  const ada = await Client.signedIn(killed.url);
  const stream = await ada.stream('my name is Ada');
  const { sessionId } = (await stream.next()).value?.data ?? {};
  expect((await stream.next()).value?.data).toEqual({ text: 'Nice ' });
  await killed.server.kill('SIGKILL');
  await expect(all(stream)).rejects.toThrow();

  const { url } = await ServerProcess.serve(folder, fast, variables);
  const back = await Client.signedIn(url);
  const messages = async () => (await back.get(`/sessions/${sessionId}/messages`)).body.messages;
  expect(await messages()).toEqual([{ role: 'user', text: 'my name is Ada' }]);
  expect((await back.get('/sessions')).body.sessions).toMatchObject([{ id: sessionId, title: 'my name is Ada' }]);
  const { body } = await back.post('/chat', { message: 'what is my name?', sessionId });
  expect(body).toMatchObject({ response: 'Your name is Ada.', sessionId });
  expect(await messages()).toHaveLength(3);
});

describe('SIGTERM', () => {
  test('lets the answer that is made come to its end', async () => {
    const { server, url } = await ServerProcess.serve(folder, ['--delay', '200']);
    const ada = await Client.signedIn(url);
    const stream = await ada.stream('my name is Ada');
    await stream.next();
    await stream.next();
    const ended = server.kill('SIGTERM');
    expect((await all(stream)).at(-1)).toMatchObject({ event: 'done', data: { response: 'Nice to meet you, Ada.' } });
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
  });

  test('aborts the one that does not; what was said is kept', { timeout: 60_000 }, async () => {
    const { server, url } = await ServerProcess.serve(folder, slow);
    const ada = await Client.signedIn(url);
    const stream = await ada.stream('my name is Ada');
    const { sessionId } = (await stream.next()).value?.data ?? {};
    await stream.next();
    const ended = server.kill('SIGTERM');
    expect(await all(stream)).toMatchObject([{ event: 'error', data: { code: 'ABORTED' } }]);
    expect(await ended).toMatchObject({ code: 0, stderr: '' });

    const again = await ServerProcess.serve(folder, fast);
    const back = await Client.signedIn(again.url);
    expect((await back.get(`/sessions/${sessionId}/messages`)).body.messages).toEqual([
      { role: 'user', text: 'my name is Ada' },
      { role: 'model', text: 'Nice ', end: 'aborted' },
    ]);
  });
});

describe('users', () => {
  test('are added to a file, in which there is no password', async () => {
    const file = join(folder, 'users.json');
    for (const [name, password] of [
      ['ada', 'demo'],
      ['__proto__', 'secret'],
    ] as const) {
      const added = await ServerProcess.run(folder, ['--users', file, '--add-user', name], `${password}\n`);
      expect(added).toMatchObject({ code: 0, stdout: `${name} is in ${file}.\n` });
    }
    expect(readFileSync(file, 'utf8')).not.toMatch(/demo|secret/);
    const { url } = await ServerProcess.serve(folder, ['--users', file, '--host', '0.0.0.0']);
    const local = url.replace('0.0.0.0', '127.0.0.1');
    await Client.signedIn(local);
    await expect(Client.signedIn(local, 'grace')).rejects.toThrow('401');
  });

  test('of the demonstration are for this machine only', async () => {
    const { code, stderr } = await ServerProcess.run(folder, ['--host', '0.0.0.0']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--host needs --users[^\n]+\n\nUsage: /);
  });
});

describe('what goes wrong is told in a line', () => {
  test.each([
    [['--fly'], "Unknown option '--fly'."],
    [['--port', 'http'], '--port needs a number up to 65535.'],
    [['--add-user', 'ada'], '--add-user needs the file to add to: --users FILE.'],
    [
      ['--model', 'nobody/x'],
      '--model needs openai/NAME, anthropic/NAME, google/NAME, or demo; other servers need --base-url.',
    ],
  ])('arguments %j: usage, exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await ServerProcess.run(folder, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(message);
    expect(stderr).toContain('Usage: npm run start:express');
  });

  test('a port that is taken, a file of users that is not there, a key that is missing: exit code 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const runs: [string[], RegExp][] = [
      [['--port', String(port)], /^listen EADDRINUSE[^\n]+\n$/],
      [['--users', 'none.json'], /^ENOENT[^\n]+\n$/],
      [['--model', 'openai/gpt'], /^openai\/gpt needs a key[^\n]+\n$/],
    ];
    for (const [args, expected] of runs) {
      const { code, stderr } = await ServerProcess.run(folder, args);
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(expected) });
    }
    other.close();
  });

  test('--help shows the usage', async () => {
    expect(await ServerProcess.run(folder, ['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: npm run start:express/),
    });
  });
});
