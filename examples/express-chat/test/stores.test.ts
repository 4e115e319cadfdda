import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { all, Client } from './support/client.ts';
import { ServerProcess } from './support/server-process.ts';

const { SESS_TEST_REDIS_URL, SESS_TEST_MONGODB_URL, SESS_TEST_DYNAMODB_URL } = process.env;

interface Target {
  readonly scheme: string;
  /** Why it cannot be tried here. */
  readonly reason?: string | undefined;
  url(): string;
  readonly variables?: Record<string, string>;
}

const targets: Target[] = [
  { scheme: 'file', url: () => 'file:./chats' },
  { scheme: 'redis', reason: process.env.SESS_TEST_NO_REDIS, url: () => SESS_TEST_REDIS_URL ?? '' },
  { scheme: 'mongodb', reason: process.env.SESS_TEST_NO_MONGODB, url: newDatabase },
  {
    scheme: 'dynamodb',
    reason: process.env.SESS_TEST_NO_DYNAMODB,
    url: () => `dynamodb:chat-${randomUUID()}`,
    variables: {
      AWS_ENDPOINT_URL_DYNAMODB: SESS_TEST_DYNAMODB_URL ?? '',
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
    },
  },
];

function newDatabase(): string {
  const url = new URL(SESS_TEST_MONGODB_URL ?? '');
  url.pathname = `/chat_${randomUUID()}`;
  return url.href;
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'express-chat-'));
});
afterEach(async () => {
  await ServerProcess.killAll();
  rmSync(folder, { recursive: true, force: true });
});

describe('--store', () => {
  for (const { scheme, reason, url, variables } of targets) {
    test(`${scheme}: sessions are kept from one server to the next`, async ({ skip }) => {
      if (reason !== undefined) return skip(reason);
      const args = ['--delay', '0', '--store', url()];

      const first = await ServerProcess.serve(folder, args, variables);
      const ada = await Client.signedIn(first.url);
      const { sessionId } = (await ada.post('/chat', { message: 'my name is Ada' })).body;
      expect(await first.server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });

      const second = await ServerProcess.serve(folder, args, variables);
      const again = await Client.signedIn(second.url);
      const events = await all(await again.stream('what is my name?', sessionId));
      expect(events.at(-1)).toMatchObject({ event: 'done', data: { response: 'Your name is Ada.', sessionId } });
      const listed = (await again.get('/sessions')).body.sessions;
      expect(listed).toContainEqual({ id: sessionId, title: 'my name is Ada', updatedAt: expect.any(Number) });
      expect((await again.get(`/sessions/${sessionId}/messages`)).body.messages).toHaveLength(4);

      const grace = await Client.signedIn(second.url, 'grace');
      expect((await grace.get(`/sessions/${sessionId}/messages`)).status).toBe(404);
      expect((await grace.request('DELETE', `/sessions/${sessionId}`)).status).toBe(404);

      expect((await again.post(`/sessions/${sessionId}/reset`)).status).toBe(204);
      expect((await again.get(`/sessions/${sessionId}/messages`)).body.messages).toEqual([]);
      expect((await again.request('DELETE', `/sessions/${sessionId}`)).status).toBe(204);
      expect((await again.get(`/sessions/${sessionId}/messages`)).status).toBe(404);
      expect(await second.server.kill('SIGTERM')).toMatchObject({ code: 0, stderr: '' });
    });
  }

  test.each(['ftp://host/', 'sessions', '', 'file:', 'dynamodb:', 'dynamodb:a table'])(
    '%j is not understood: one line and the usage, exit code 2',
    async (url) => {
      const { code, stderr } = await ServerProcess.run(folder, ['--store', url]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^--store [^\n]+\.\n\nUsage: /);
    },
  );

  test('a database that does not answer: one line, exit code 1', async () => {
    const { code, stderr } = await ServerProcess.run(folder, ['--store', 'redis://127.0.0.1:1']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^[^\n]+\(STORE_FAILED\)\n$/);
  });
});
