import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChatServer, hangAfter, type Reply, refuse, say } from 'chat-server';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ended, Program } from './program.ts';

let folder: string;
let server: ChatServer | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'console-chat-'));
});
afterEach(async () => {
  await Program.killAll();
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function serve(...replies: Reply[]): Promise<ChatServer> {
  server = await ChatServer.start(...replies);
  return server;
}

async function runWith(variables: Record<string, string>, args: string[], ...lines: string[]): Promise<Ended> {
  const program = Program.startWith(variables, folder, ...args);
  for (const line of lines) program.enter(line);
  return program.end();
}

/** The command that a program prints when one leaves, as arguments. */
function argumentsIn({ stdout }: Ended): string[] {
  const [, command = ''] = /^To go on with this session: node \S+ (.+)$/m.exec(stdout) ?? [];
  return command.split(' ');
}

describe('--base-url', () => {
  test('has any OpenAI-compatible server answer, in a second process too', async () => {
    const { url, calls } = await serve(say('Hel', 'lo.'), say('Pavel.'));
    const first = await Program.run(folder, ['--base-url', url, '--model', 'llama/3'], 'my name is Pavel');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toContain(`Model: llama/3 at ${url}.\n`);
    expect(first.stdout).toContain('\nHello.\n');

    const second = await Program.run(folder, argumentsIn(first), 'what is my name?');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toContain('\nPavel.\n');
    expect(calls[0]?.headers.authorization).toBeUndefined();
    expect(calls[1]?.body).toMatchObject({
      model: 'llama/3',
      messages: [
        { role: 'user', content: 'my name is Pavel' },
        { role: 'assistant', content: 'Hello.' },
        { role: 'user', content: 'what is my name?' },
      ],
    });
  });

  test('gets the key in MODEL_API_KEY, and never one of a provider', async () => {
    const { url, calls } = await serve(say('Hello.'));
    const keys = { MODEL_API_KEY: 'mine', OPENAI_API_KEY: 'for OpenAI alone' };
    expect(await runWith(keys, ['--base-url', url, '--model', 'm'], 'hi')).toMatchObject({ code: 0, stderr: '' });
    expect(calls[0]?.headers.authorization).toBe('Bearer mine');
    expect(JSON.stringify(calls[0]?.headers)).not.toContain('OpenAI alone');
  });

  test.each([
    [{}, 'wants a key: set MODEL_API_KEY (HTTP 401)'],
    [{ MODEL_API_KEY: 'wrong' }, 'refuses the key in MODEL_API_KEY (HTTP 401)'],
  ])('says in one line that it was not let in: %j', async (variables, hint) => {
    const { url } = await serve(refuse(401, 'Go away.'), say('Hello.'));
    const ended = await runWith(variables, ['--base-url', url, '--model', 'm'], 'hi', 'still there?');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^The model failed in session "[\w-]+"\. [^\n]+\(MODEL_FAILED\)\n$/);
    expect(ended.stderr).toContain(`${url} ${hint}. `);
    expect(ended.stdout).toContain('\nHello.\n');
  });

  test('tells in one line what the server says, and that there is none', async () => {
    const { url } = await serve(refuse(404, 'model "m" not found'));
    const args = ['--base-url', url, '--model', 'm'];
    const refused = await Program.run(folder, args, 'hi');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^[^\n]*model "m" not found \(MODEL_FAILED\)\n$/);
    await server?.close();
    const absent = await Program.run(folder, args, 'hi');
    expect(absent.code).toBe(1);
    expect(absent.stderr).toMatch(/^[^\n]*Cannot connect to API[^\n]*\n$/);
  });

  test('Ctrl-C closes the connection to the server', async () => {
    const { url, calls } = await serve(hangAfter('One moment '), say('Hello.'));
    const program = Program.start(folder, '--base-url', url, '--model', 'm');
    program.enter('hi');
    await program.until('One moment ');
    program.kill('SIGINT');
    await program.until('Aborted.');
    await calls[0]?.cutOff;
    program.enter('again');
    await program.until('Hello.');
    expect(await program.end()).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('--model', () => {
  test.each([
    ['openai/m', 'openai/m needs a key: set OPENAI_API_KEY.'],
    ['anthropic/m', 'anthropic/m needs a key: set ANTHROPIC_API_KEY.'],
    ['google/m', 'google/m needs a key: set GOOGLE_GENERATIVE_AI_API_KEY or GEMINI_API_KEY.'],
  ])('%s without a key is one line, and nothing is kept', async (model, line) => {
    const { code, stdout, stderr } = await runWith({ OPENAI_API_KEY: '' }, ['--model', model], 'hi');
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `${line}\n` });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ['openai', 'OPENAI', '/v1/responses'],
    ['anthropic', 'ANTHROPIC', '/v1/messages'],
  ])('%s with a key that is refused is one line', async (provider, prefix, path) => {
    const { url, calls } = await serve(refuse(401, 'Incorrect API key provided: wrong'));
    const variables = { [`${prefix}_API_KEY`]: 'wrong', [`${prefix}_BASE_URL`]: url };
    const { code, stdout, stderr } = await runWith(variables, ['--model', `${provider}/m`], 'hi');
    expect(code).toBe(1);
    expect(stdout).toContain(`Model: ${provider}/m.\n`);
    expect(stderr).toMatch(/^The model failed in session "[\w-]+"\. [^\n]+\n$/);
    expect(stderr).toContain(`${provider} refuses the key in ${prefix}_API_KEY (HTTP 401). (MODEL_FAILED)`);
    expect(calls).toMatchObject([{ path, body: { model: 'm' } }]);
  });

  test.each([
    [
      ['--model', 'llama'],
      '--model needs openai/NAME, anthropic/NAME, google/NAME, or demo; other servers need --base-url.',
    ],
    [['--model', 'openai/'], '--model needs openai/NAME'],
    [['--base-url', 'localhost:1', '--model', 'm'], '--base-url needs an http(s) URL.'],
    [['--base-url', 'http://localhost:1'], '--base-url needs a model of that server: --model NAME.'],
  ])('%j is not understood', async (args, line) => {
    const { code, stderr } = await Program.run(folder, args);
    expect(code).toBe(2);
    expect(stderr).toContain(line);
  });
});

describe('a key in the environment', () => {
  test("has its provider's model asked, and says so", async () => {
    const { url, calls } = await serve(refuse(401, 'No.'));
    const { code, stdout } = await runWith({ OPENAI_API_KEY: 'wrong', OPENAI_BASE_URL: url }, [], 'hi');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Model: openai\/\S+, since OPENAI_API_KEY is set; see --model\.\n/);
    expect(calls).toMatchObject([{ headers: { authorization: 'Bearer wrong' } }]);
  });

  test('is not used where the demo model is asked for', async () => {
    const args = ['--model', 'demo', '--delay', '0'];
    const ended = await runWith({ OPENAI_API_KEY: 'wrong' }, args, 'my name is Pavel');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toContain('Nice to meet you, Pavel.');
    expect(argumentsIn(ended)).toContain('demo');
  });
});
