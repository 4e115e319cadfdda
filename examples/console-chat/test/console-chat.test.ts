import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileStore } from '@sess/store-file';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ended, noTerminal, Program, userEnvironment } from './program.ts';

/** The first word of an answer then is the last one for as long as a test wants. */
const slow = ['--delay', String(2 ** 30)];
const fast = ['--delay', '0'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'console-chat-'));
});
afterEach(async () => {
  await Program.killAll();
  rmSync(folder, { recursive: true, force: true });
});

function sessionIn(stdout: string): string {
  const id = /^Session (\S+?)[ ,]/m.exec(stdout)?.[1];
  if (id === undefined) throw new Error(`No session is named in:\n${stdout}`);
  return id;
}

/** What was answered: the output without the lines about the session. */
/** What a command prints that is typed at a shell. */
function typed(folder: string, command: string, input: string): string {
  return spawnSync('sh', ['-c', command], { cwd: folder, env: userEnvironment, input, encoding: 'utf8' }).stdout;
}

function answersIn({ stdout }: Ended): string[] {
  return stdout.split('\n').filter((line) => line !== '' && !/^(Session |To go on|Nothing was said, and)/.test(line));
}

/** A session whose process was killed while it answered "my name is Pavel". */
async function killedSession(): Promise<string> {
  const program = Program.start(folder, ...slow);
  program.enter('my name is Pavel');
  await program.until('Nice ');
  program.kill('SIGKILL');
  const { signal, stdout } = await program.ended;
  expect(signal).toBe('SIGKILL');
  return sessionIn(stdout);
}

describe('piped input', () => {
  test('is remembered across two processes', async () => {
    const first = await Program.run(folder, fast, 'my name is Pavel');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(answersIn(first)).toEqual(['Nice to meet you, Pavel.']);

    const second = await Program.run(folder, [...fast, '--session', sessionIn(first.stdout)], 'what is my name?');
    expect(second).toMatchObject({ code: 0, stderr: '' });
    expect(answersIn(second)).toEqual(['Your name is Pavel.']);
  });

  test('each line is answered before the next, with the session at both ends and no prompt', async () => {
    const { code, stdout } = await Program.run(folder, fast, 'hello', '', 'my name is Pavel', 'what is my name?');
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^Session \S+ \(new\)/),
      'Hello! What is your name?',
      'Nice to meet you, Pavel.',
      'Your name is Pavel.',
      expect.stringMatching(/^To go on with this session: .* --session /),
      '',
    ]);
  });

  test('the command printed at the end goes on with the session', async () => {
    const { stdout } = await Program.run(folder, fast, 'my name is Pavel');
    const command = /^To go on with this session: (.*)$/m.exec(stdout)?.[1] ?? '';
    expect(typed(folder, command, 'what is my name?\n')).toContain('Your name is Pavel.');
  });

  test('that command also works for a folder and an id that a shell would take apart', async () => {
    const id = `-it's $HOME; "x"`;
    const store = fileStore({ folder: join(folder, 'my chats') });
    await store.save(id, { threads: { main: [{ role: 'user', content: [{ text: 'my name is Pavel' }] }] } });
    await store.close();
    const { stdout } = await Program.run(folder, ['--folder', 'my chats', `--session=${id}`]);
    const command = /^To go on with this session: (.*)$/m.exec(stdout)?.[1] ?? '';
    expect(typed(folder, command, 'what is my name?\n')).toContain('Your name is Pavel.');
  });

  test('ends without a word: nothing is kept, and no command is offered', async () => {
    const { code, stdout } = await Program.run(folder, []);
    expect(code).toBe(0);
    expect(stdout).toContain('Nothing was said');
    expect(stdout).not.toContain('--session');
  });

  test('a last line without its end is answered too', async () => {
    const program = Program.start(folder, ...fast);
    program.type('my name is Pavel');
    expect(answersIn(await program.end())).toEqual(['Nice to meet you, Pavel.']);
  });

  test('an interrupt during an answer aborts it, and the next line is answered', async () => {
    const program = Program.start(folder, ...slow);
    program.enter('my name is Pavel');
    await program.until('Nice ');
    program.kill('SIGINT');
    await program.until('Aborted.');
    program.enter('/history');
    await program.until('user: my name is Pavel\nmodel: Nice  (aborted)\n');
    expect(await program.end()).toMatchObject({ code: 0, stderr: '' });
  });

  test('an interrupt between answers leaves', async () => {
    const program = Program.start(folder, ...fast);
    program.enter('my name is Pavel');
    await program.until('Pavel.\n');
    program.enter('/state');
    await program.until('{}');
    program.kill('SIGINT');
    expect(await program.ended).toMatchObject({ code: 0, signal: null });
  });
});

describe('after kill -9 during an answer', () => {
  test('the question is there, the open turn is offered, and can be finished', async () => {
    const id = await killedSession();
    const { code, stdout, stderr } = await Program.run(
      folder,
      [...fast, '--session', id],
      '/history',
      '/resume',
      'what is my name?',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('The answer to "my name is Pavel"');
    expect(stdout).toContain('/resume');
    expect(stdout).toContain('/discard');
    expect(stdout).toContain('user: my name is Pavel');
    expect(stdout).toContain('Nice to meet you, Pavel.');
    expect(stdout).toContain('Your name is Pavel.');
  });

  test('the open turn can be discarded', async () => {
    const id = await killedSession();
    const ended = await Program.run(folder, [...fast, '--session', id], '/discard', 'what is my name?');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(answersIn(ended).at(-1)).toBe('You have not told me your name in this thread.');
  });

  test('one can simply go on', async () => {
    const id = await killedSession();
    const ended = await Program.run(folder, [...fast, '--session', id], 'what is my name?');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(answersIn(ended).at(-1)).toBe('Your name is Pavel.');
  });

  test('it is offered too when one comes back by /resume ID', async () => {
    const id = await killedSession();
    const { stdout } = await Program.run(folder, fast, `/resume ${id}`, '/discard');
    expect(stdout).toContain('The answer to "my name is Pavel"');
  });
});

describe('while another process answers in the session', () => {
  test('one is told so; and where its question is removed, it says so and goes on', async () => {
    const answering = Program.start(folder, ...slow);
    answering.enter('my name is Pavel');
    await answering.until('Nice ');
    const id = sessionIn(answering.stdout);

    const other = await Program.run(folder, [...fast, '--session', id], '/discard', 'what is my name?');
    expect(other).toMatchObject({ code: 0, stderr: '' });
    expect(other.stdout).toContain('Another process is making the answer to "my name is Pavel".');
    expect(answersIn(other).at(-1)).toBe('You have not told me your name in this thread.');

    answering.enter('/history');
    await answering.until('user: what is my name?');
    const { code, stderr } = await answering.end();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^[^\n]*\(CONFLICT\)\n$/);
  });
});

describe('commands', () => {
  test('/sessions lists the sessions, the newest first, and marks the current one', async () => {
    const older = sessionIn((await Program.run(folder, fast, 'hello')).stdout);
    const ended = await Program.run(folder, fast, '/sessions', 'hello', '/thread side', 'hi', '/sessions');
    const current = sessionIn(ended.stdout);
    const [before, , , first, second] = answersIn(ended);
    expect(before).toMatch(new RegExp(`^  ${older}  .* main: 2$`));
    expect(first).toMatch(new RegExp(`^\\* ${current}  .* main: 2, side: 2$`));
    expect(second).toBe(before);
  });

  test('/sessions of an empty folder says so', async () => {
    expect(answersIn(await Program.run(folder, fast, '/sessions'))).toEqual(['No sessions yet.']);
  });

  test('/resume ID goes on with another session', async () => {
    const id = sessionIn((await Program.run(folder, fast, 'my name is Pavel')).stdout);
    const ended = await Program.run(folder, fast, 'what is my name?', `/resume ${id}`, 'what is my name?');
    expect(answersIn(ended)).toEqual(['You have not told me your name in this thread.', 'Your name is Pavel.']);
    expect(ended.stdout).toContain(`Session ${id}, thread main: 2 messages`);
    expect(ended.stdout).toMatch(new RegExp(`--session ${id}\n$`));
  });

  test('/resume and /discard say when there is no open answer', async () => {
    const ended = await Program.run(folder, fast, 'hello', '/discard', '/resume');
    expect(answersIn(ended)).toEqual(['Hello! What is your name?', 'No answer was left open.']);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/^No turn is open.*\(INVALID_ARGUMENT\)\n$/);
  });

  test('/new begins a session that knows nothing', async () => {
    const ended = await Program.run(folder, fast, 'my name is Pavel', '/new', 'what is my name?');
    expect(answersIn(ended).at(-1)).toBe('You have not told me your name in this thread.');
    expect(ended.stdout.match(/^Session \S+ \(new\)/gm)).toHaveLength(2);
  });

  test('/thread goes to another thread, and the next process begins there', async () => {
    const ended = await Program.run(folder, fast, 'my name is Pavel', '/thread work', 'what is my name?', '/thread');
    expect(answersIn(ended).slice(1)).toEqual([
      'You have not told me your name in this thread.',
      '  main: 2',
      '* work: 2',
    ]);
    const next = await Program.run(folder, ['--session', sessionIn(ended.stdout)], '/thread main', 'what is my name?');
    expect(next.stdout).toContain('thread work: 2 messages');
    expect(answersIn(next).at(-1)).toBe('Your name is Pavel.');
  });

  test('/history shows the thread', async () => {
    const ended = await Program.run(folder, fast, '/history', 'my name is Pavel', '/history');
    expect(answersIn(ended)).toEqual([
      'Nothing was said yet.',
      'Nice to meet you, Pavel.',
      'user: my name is Pavel',
      'model: Nice to meet you, Pavel.',
    ]);
  });

  test('/state shows the state', async () => {
    const ended = await Program.run(folder, fast, '/state', '/thread work', '/state');
    expect(answersIn(ended).join('\n')).toBe('{}\n{\n  "thread": "work"\n}');
  });

  test('/delete deletes the session and begins a new one', async () => {
    const ended = await Program.run(folder, fast, 'my name is Pavel', '/delete', '/sessions', 'what is my name?');
    const id = sessionIn(ended.stdout);
    expect(ended.stdout).toContain(`Session ${id} is deleted.`);
    expect(answersIn(ended).slice(-2)).toEqual(['No sessions yet.', 'You have not told me your name in this thread.']);
    const next = await Program.run(folder, ['--session', id]);
    expect(next.code).toBe(1);
  });

  test('/help lists every command', async () => {
    const { stdout } = await Program.run(folder, fast, '/help');
    for (const name of ['sessions', 'resume', 'discard', 'new', 'thread', 'history', 'state', 'delete', 'help']) {
      expect(stdout).toMatch(new RegExp(`^/${name} `, 'm'));
    }
  });

  test('an unknown command gives one line, and the rest goes on', async () => {
    const ended = await Program.run(folder, fast, '/fly away', '/', 'hello');
    expect(ended).toMatchObject({
      code: 1,
      stderr: 'There is no command /fly. /help lists them.\nThere is no command /. /help lists them.\n',
    });
    expect(answersIn(ended)).toEqual(['Hello! What is your name?']);
  });
});

describe('what goes wrong is told in a line', () => {
  test.each([
    [['--fly'], "Unknown option '--fly'."],
    [['--session'], "Option '--session <value>' argument missing."],
    [['--session', ''], '--session needs an id.'],
    [['--folder='], '--folder needs the name of a folder.'],
    [['--delay', 'long'], '--delay needs a number of milliseconds.'],
    [['hello'], "Unexpected argument 'hello'."],
  ])('arguments %j: usage, exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await Program.run(folder, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(message);
    expect(stderr).toContain('Usage: npm start');
  });

  test('--help shows the usage', async () => {
    expect(await Program.run(folder, ['--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Usage: npm start/),
    });
  });

  test('a session that is not there, at the start and later', async () => {
    const start = await Program.run(folder, ['--session', 'no-such'], 'hello');
    expect(start.code).toBe(1);
    expect(start.stderr).toMatch(/^There is no session "no-such".*\(NOT_FOUND\)\n$/);
    const later = await Program.run(folder, fast, '/resume no-such', 'hello');
    expect(later.code).toBe(1);
    expect(later.stderr).toMatch(/^There is no session "no-such".*\(NOT_FOUND\)\n$/);
    expect(answersIn(later)).toEqual(['Hello! What is your name?']);
  });

  test('a folder that is a file', async () => {
    writeFileSync(join(folder, 'file'), 'text');
    const { code, stderr } = await Program.run(folder, ['--folder', 'file'], 'hello');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^[^\n]*\([A-Z_]+\)\n$/);
  });

  test('a session whose file is damaged; the others are not affected', async () => {
    const healthy = sessionIn((await Program.run(folder, fast, 'hello')).stdout);
    const damaged = sessionIn((await Program.run(folder, fast, 'hello')).stdout);
    const sessionFolder = join(folder, '.sess', damaged);
    for (const file of readdirSync(sessionFolder)) writeFileSync(join(sessionFolder, file), 'garbled');

    const start = await Program.run(folder, ['--session', damaged]);
    expect(start.code).toBe(1);
    expect(start.stderr).toMatch(/^[^\n]*\(CORRUPT\)\n$/);
    const list = await Program.run(folder, fast, '/sessions', `/resume ${healthy}`, 'how many messages?');
    expect(list.stderr).toMatch(/^[^\n]*\(CORRUPT\)\n$/);
    expect(answersIn(list)).toEqual([expect.stringContaining(healthy), 'You have sent 2 messages in this thread.']);
  });

  test('an id and a thread name that are too long', async () => {
    const ended = await Program.run(folder, ['--session', 'x'.repeat(600)]);
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(/\(INVALID_ID\)\n$/);
    const thread = await Program.run(folder, fast, `/thread ${'x'.repeat(600)}`, 'hello');
    expect(thread.stderr).toMatch(/\(INVALID_ID\)\n$/);
    expect(answersIn(thread)).toEqual(['Hello! What is your name?']);
  });
});

describe('at a terminal', () => {
  beforeEach(({ skip }) => {
    if (noTerminal !== undefined) skip(noTerminal);
  });

  test('Ctrl-C aborts an answer, and at the prompt leaves', async () => {
    const program = Program.startInTerminal(folder, ...slow);
    await program.until('> ');
    program.type('my name is Pavel\r');
    await program.until('Nice ');
    program.type('\x03');
    await program.until('Aborted.');
    await program.until('> ');
    program.type('/history\r');
    await program.until('user: my name is Pavel');
    await program.until('> ');
    program.type('\x03');
    await program.until('To go on with this session: ');
    expect(await program.ended).toMatchObject({ code: 0, signal: null });
  });

  test('Ctrl-D leaves', async () => {
    const program = Program.startInTerminal(folder, ...fast);
    await program.until('Session ');
    await program.until('> ');
    program.type('\x04');
    await program.until('Nothing was said');
    expect(await program.ended).toMatchObject({ code: 0, signal: null });
  });

  test('an unknown command is no reason for a bad exit code', async () => {
    const program = Program.startInTerminal(folder, ...fast);
    await program.until('> ');
    program.type('/fly\r');
    await program.until('There is no command /fly.');
    await program.until('> ');
    program.type('\x04');
    expect(await program.ended).toMatchObject({ code: 0, signal: null });
  });
});
