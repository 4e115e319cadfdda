import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { memoryStore, sess, Turn } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { echo, failing, heldModel, linesOf, OtherProcess, settleDown } from './chat-samples.ts';
import { errorOf, gate } from './samples.ts';

const scenarios = fileURLToPath(new URL('fixtures/turn-scenarios.mjs', import.meta.url));

function run(scenario: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [scenarios, scenario], { encoding: 'utf8' });
  return { status, answer: stdout.trim(), stderr };
}

async function chunksOf(turn: Turn) {
  const chunks: string[] = [];
  for await (const { text } of turn) chunks.push(text);
  return chunks;
}

describe('a turn in a process that dies of unhandled rejections', () => {
  test.each([
    ['break early, then the model fails, nobody awaits', 'survived'],
    ['loop throws and is caught, response untouched', 'MODEL_FAILED true'],
    ['destructured result and a loop', 'MODEL_FAILED true'],
    ['abort, then walk away', 'survived'],
    ['two loops at once', '3 3'],
    ['await first, loop after', 'one two three'],
    ['async function that returns the turn', 'one two three'],
    ['catch, finally, instanceof Promise', 'MODEL_FAILED 1 true'],
    ['then returns a plain promise', 'Promise'],
    ['ReadableStream.from, cancelled', 'one two three'],
    ['Promise.all and Promise.race', 'one two three one two three'],
  ])('%s', (scenario, answer) => {
    expect(run(scenario)).toEqual({ status: 0, answer, stderr: '' });
  });

  test.each(['floating send that fails', 'abort by a signal, and nobody listens'])(
    '%s: ends the process',
    (scenario) => {
      const { status, answer, stderr } = run(scenario);
      expect(status).toBe(1);
      expect(answer).toBe('');
      expect(stderr).toMatch(/MODEL_FAILED|ABORTED/);
    },
  );
});

describe('a turn', () => {
  const chat = (...script: Parameters<typeof scriptedModel>) =>
    sess({ model: scriptedModel(...script) })
      .createSession()
      .chat();

  test('is a promise of the response, and itself under the names of others', async () => {
    const turn = chat('hello').send('hi');
    expect(turn).toBeInstanceOf(Turn);
    expect(turn.response).toBe(turn);
    expect(turn.result).toBe(turn);
    expect((await turn).text).toBe('hello');
  });

  test('is the same under the name sendStream', async () => {
    const turn = chat('one two').sendStream('hi');
    expect(await chunksOf(turn)).toEqual(['one ', 'two']);
    expect((await turn.response).text).toBe('one two');
  });

  test('runs and is stored although nobody reads or awaits it', async () => {
    const { promise: stored, open } = gate();
    const store = new OtherProcess().on('close', { after: () => open() });
    const session = sess({ store, model: scriptedModel('hello') }).createSession();
    session.send('hi');
    await stored;
    expect(linesOf((await store.get(session.id))?.threads?.main)).toEqual(['user: hi', 'model: hello']);
  });

  test('a late loop and a second one see all chunks', async () => {
    const turn = chat('one two three').send('hi');
    await turn;
    expect(await chunksOf(turn)).toEqual(['one ', 'two ', 'three']);
    expect(await chunksOf(turn)).toEqual(['one ', 'two ', 'three']);
  });

  test('a loop that starts in mid-answer sees it from the start', async () => {
    const model = heldModel('one ', 'two ');
    const turn = sess({ model }).createSession().send('hi');
    await model.called;
    const late = chunksOf(turn);
    model.answer('one two');
    expect(await late).toEqual(['one ', 'two ']);
  });

  test('break drops only that cursor: the turn completes and is stored', async () => {
    const asked = chat('one two three');
    const turn = asked.send('hi');
    for await (const { text } of turn) {
      expect(text).toBe('one ');
      break;
    }
    expect(await chunksOf(turn)).toHaveLength(3);
    expect(linesOf(asked.messages)).toEqual(['user: hi', 'model: one two three']);
  });

  test('a cursor that was left gives nothing more', async () => {
    const turn = chat('one two').send('hi');
    const cursor = turn[Symbol.asyncIterator]();
    await cursor.next();
    await cursor.return?.();
    expect(await cursor.next()).toEqual({ value: undefined, done: true });
    await turn;
  });

  test('a model that does not stream gives its answer as one chunk', async () => {
    const model = async () => ({ message: { role: 'model' as const, content: [{ text: 'all at once' }] } });
    expect(await chunksOf(sess({ model }).createSession().send('hi'))).toEqual(['all at once']);
  });

  test('what a reader does to a chunk changes nothing of what is stored', async () => {
    const session = sess({ model: echo }).createSession();
    const turn = session.send('hi');
    for await (const { content } of turn) Object.assign(content[0] ?? {}, { text: 'changed' });
    expect((await turn).text).toBe('re: hi');
    expect(linesOf(await session.history())).toEqual(['user: hi', 'model: re: hi']);
  });

  test('a loop ends, and the promise resolves, only after the closing commit', async () => {
    const { promise: isClosing, open: closing } = gate();
    const { promise: mayClose, open } = gate();
    const store = new OtherProcess().on('close', {
      before: () => {
        closing();
        return mayClose;
      },
    });
    const ended: string[] = [];
    const turn = sess({ store, model: scriptedModel('hello') })
      .createSession()
      .send('hi');
    const all = Promise.all([turn.then(() => ended.push('promise')), chunksOf(turn).then(() => ended.push('loop'))]);
    await isClosing;
    await settleDown();
    expect(ended).toEqual([]);
    open();
    await all;
    expect(ended.sort()).toEqual(['loop', 'promise']);
  });

  test('a closing commit that fails throws in the promise and in each loop', async () => {
    const store = new OtherProcess().on('close', { before: failing() });
    const turn = sess({ store, model: scriptedModel('hello') })
      .createSession()
      .send('hi');
    const error = await errorOf(() => chunksOf(turn), 'STORE_FAILED');
    expect(await errorOf(() => chunksOf(turn), 'STORE_FAILED')).toBe(error);
    expect(await errorOf(() => turn, 'STORE_FAILED')).toBe(error);
  });

  test('the same failure of the model reaches the promise and each loop', async () => {
    const turn = chat(new Error('overloaded')).send('hi');
    const error = await errorOf(() => turn, 'MODEL_FAILED');
    expect(await errorOf(() => chunksOf(turn), 'MODEL_FAILED')).toBe(error);
  });

  test('a loop gets the chunks first, and the failure at the end', async () => {
    const model = heldModel('one ');
    const turn = sess({ model }).createSession().send('hi');
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const { text } of turn) chunks.push(text);
    })();
    await model.called;
    model.answer(new Error('overloaded'));
    await errorOf(() => reading, 'MODEL_FAILED');
    expect(chunks).toEqual(['one ']);
  });

  test('send never throws, whatever it is given', async () => {
    const asked = sess({ store: memoryStore() }).createSession().chat();
    await errorOf(() => asked.send('no model'), 'INVALID_ARGUMENT');
    await errorOf(() => asked.send(undefined as never), 'INVALID_ARGUMENT');
    await errorOf(() => asked.send({}), 'INVALID_ARGUMENT');
    await errorOf(() => asked.send('hi', { leaseMs: -1, model: scriptedModel('x') }), 'INVALID_ARGUMENT');
    expect(() => asked.send('hi').catch(() => {})).not.toThrow();
  });
});
