import { type Model, type Session, sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { echo, type HeldModel, heldModel, linesOf, OtherProcess, settleDown, storedSession } from './chat-samples.ts';
import { errorOf, gate } from './samples.ts';

const impatient = { leaseMs: 40, waitTimeout: 60 };

/** A turn that runs on a session, and the same session as another Session object sees it. */
async function runningTurn(as: 'the same process' | 'another process', leaseMs?: number) {
  const { id, store } = await storedSession();
  const model: HeldModel = heldModel();
  const session = await sess({ store, model }).loadSession(id);
  const turn = session.send('first', { leaseMs });
  await model.called;
  const seen = as === 'the same process' ? store : new OtherProcess(store);
  const other: Session = await sess({ store: seen, model: echo }).loadSession(id);
  const end = async () => {
    model.answer('done');
    await turn;
  };
  return { session, other, turn, end, model };
}

describe.each(['the same process', 'another process'] as const)('a turn of %s', (as) => {
  test('is waited for, and its outcome is seen', async () => {
    const { other, end } = await runningTurn(as);
    const model = scriptedModel('second');
    const turn = other.send('next', { model });
    await settleDown();
    expect(model.requests).toEqual([]);
    await end();
    await turn;
    expect(linesOf(model.requests[0]?.messages)).toEqual(['user: first', 'model: done', 'user: next']);
  });

  test('is BUSY after waitTimeout', async () => {
    const { other, end } = await runningTurn(as);
    const error = await errorOf(() => other.send('next', impatient), 'BUSY');
    expect(error).toMatchObject({ sessionId: other.id, thread: 'main', retryable: true });
    await end();
    expect(linesOf(await other.history())).toEqual(['user: first', 'model: done']);
  });

  test('is BUSY with whenBusy: reject', async () => {
    const { other, end } = await runningTurn(as, 300);
    await errorOf(() => other.send('next', { whenBusy: 'reject' }), 'BUSY');
    await errorOf(() => other.chat().append([{ role: 'user', content: 'x' }], { whenBusy: 'reject' }), 'BUSY');
    await end();
  });

  test('does not hinder another thread', async () => {
    const { other, end } = await runningTurn(as);
    expect((await other.chat('side').send('hi', { whenBusy: 'reject' })).text).toBe('re: hi');
    await end();
  });

  test('is waited for by append and truncate', async () => {
    const { other, end } = await runningTurn(as);
    const append = other.chat().append([{ role: 'user', content: 'appended' }]);
    await settleDown();
    expect(linesOf(await other.history())).toEqual(['user: first']);
    await end();
    await append;
    await other.chat().truncate(2);
    expect(linesOf(await other.history())).toEqual(['user: first', 'model: done']);
  });
});

describe('turns of one process', () => {
  test('are served in the order of the calls', async () => {
    const session = sess({ model: echo }).createSession();
    const chat = session.chat();
    const said = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(said.map((text) => chat.send(text)));
    expect(linesOf(chat.messages)).toEqual(said.flatMap((text) => [`user: ${text}`, `model: re: ${text}`]));
  });

  test('are served in the order of the calls, also of several Session objects, and appends', async () => {
    const { id, store } = await storedSession();
    const ai = sess({ store, model: echo });
    const [one, two] = [await ai.loadSession(id), await ai.loadSession(id)];
    await Promise.all([
      one.send('a'),
      two.chat().append([{ role: 'user', content: 'b' }]),
      one.send('c'),
      two.send('d'),
    ]);
    expect(linesOf(await one.history())).toEqual([
      'user: a',
      'model: re: a',
      'user: b',
      'user: c',
      'model: re: c',
      'user: d',
      'model: re: d',
    ]);
  });

  test('reject at once with whenBusy: reject, without a look at the store', async () => {
    const store = new OtherProcess();
    const model = heldModel();
    const chat = sess({ store, model, whenBusy: 'reject' }).createSession().chat();
    const turn = chat.send('first');
    await model.called;
    const { length } = store.commits;
    await errorOf(() => chat.send('next'), 'BUSY');
    expect(store.commits).toHaveLength(length);
    expect(store.reads).toHaveLength(0);
    model.answer('done');
    await turn;
  });

  test('take whenBusy from sess(), the chat or the send, the nearest', async () => {
    const model = heldModel();
    const session = sess({ model, whenBusy: 'reject' }).createSession();
    const turn = session.send('first');
    await model.called;
    const waiting = session.chat({ whenBusy: 'wait' }).send('second');
    await errorOf(() => session.chat({ whenBusy: 'wait' }).send('third', { whenBusy: 'reject' }), 'BUSY');
    model.answer('done');
    await Promise.all([turn, waiting]);
    expect(linesOf(session.chat().messages)).toContain('user: second');
  });

  test('free the line when they fail', async () => {
    const chat = sess({ model: scriptedModel(new Error('overloaded'), 'second') })
      .createSession()
      .chat();
    const first = chat.send('first');
    const second = chat.send('second');
    await errorOf(() => first, 'MODEL_FAILED');
    expect((await second).text).toBe('second');
  });

  test('that gave up waiting free the line for those behind them', async () => {
    const model = heldModel();
    const chat = sess({ model }).createSession().chat();
    const first = chat.send('first');
    const second = chat.send('second', impatient);
    const third = chat.send('third');
    await errorOf(() => second, 'BUSY');
    model.answer('done');
    await Promise.all([first, third]);
    expect(linesOf(chat.messages)).toEqual(['user: first', 'model: done', 'user: third', 'model: later']);
  });
});

describe('turns of two processes', () => {
  test('never interleave and none is lost', async () => {
    const { id, store } = await storedSession();
    const sessions = await Promise.all(
      [store, new OtherProcess(store), new OtherProcess(store)].map((one) =>
        sess({ store: one, model: echo }).loadSession(id),
      ),
    );
    await Promise.all(
      sessions.flatMap((session, process) => [1, 2, 3].map((turn) => session.send(`${process}.${turn}`))),
    );
    const lines = linesOf((await store.get(id))?.threads?.main);
    expect(lines).toHaveLength(18);
    for (let index = 0; index < lines.length; index += 2) {
      expect(lines[index + 1]).toBe(lines[index]?.replace('user: ', 'model: re: '));
    }
    for (const process of [0, 1, 2]) {
      const own = lines.filter((line) => line.startsWith(`user: ${process}.`));
      expect(own).toEqual([1, 2, 3].map((turn) => `user: ${process}.${turn}`));
    }
  });

  test('with reject: a turn that was seen, and has ended since, does not make the thread busy', async () => {
    const { other, end } = await runningTurn('another process');
    await errorOf(() => other.send('too early', { ...impatient, whenBusy: 'reject' }), 'BUSY');
    await end();
    expect((await other.send('next', { whenBusy: 'reject' })).text).toBe('re: next');
  });
});

describe('a send from inside the turn', () => {
  test('on its own thread is BUSY at once, also by another Session object', async () => {
    const { id, store } = await storedSession();
    const ai = sess({ store });
    const codes: unknown[] = [];
    const model: Model = async () => {
      const current = ai.currentSession();
      const loaded = await ai.loadSession(id);
      const deeds = [
        () => current.send('inner', { model: echo }),
        () => loaded.send('inner', { model: echo }),
        () => current.chat().append([{ role: 'user', content: 'inner' }]),
        () => current.chat().truncate(0),
      ];
      for (const deed of deeds) codes.push((await errorOf(deed, 'BUSY')).code);
      return { message: { role: 'model', content: [{ text: 'outer' }] } };
    };
    await (await ai.loadSession(id)).send('hi', { model });
    expect(codes).toEqual(['BUSY', 'BUSY', 'BUSY', 'BUSY']);
    expect(linesOf((await store.get(id))?.threads?.main)).toEqual(['user: hi', 'model: outer']);
  });

  test('on another thread, or another session, works', async () => {
    const ai = sess();
    const model: Model = async () => {
      const side = await ai.currentSession().chat('side').send('aside', { model: echo });
      const far = await ai.createSession().send('far', { model: echo });
      return { message: { role: 'model', content: [{ text: `${side.text}, ${far.text}` }] } };
    };
    expect((await ai.createSession().send('hi', { model })).text).toBe('re: aside, re: far');
  });

  test('after the turn is over is an ordinary one', async () => {
    const ai = sess();
    let later: Promise<unknown> = Promise.resolve();
    const model: Model = async () => {
      const session = ai.currentSession();
      later = new Promise((resolve) => setTimeout(resolve, 0)).then(() => session.send('floating', { model: echo }));
      return { message: { role: 'model', content: [{ text: 'done' }] } };
    };
    const session = ai.createSession();
    const floated = session.send('hi', { model });
    await floated;
    await later;
    expect(linesOf(await session.history())).toEqual([
      'user: hi',
      'model: done',
      'user: floating',
      'model: re: floating',
    ]);
  });
});

test('a send that outlives the turn it was begun in lines up like any other', async () => {
  const ai = sess();
  const [begun, mayEnd, mayGoOn] = [gate(), gate(), gate()];
  let floating: Promise<unknown> = Promise.resolve();
  const session = ai.createSession();
  const first = session.send('first', {
    model: async () => {
      floating = mayGoOn.promise.then(() => session.send('floating', { model: echo }));
      begun.open();
      await mayEnd.promise;
      return { message: { role: 'model', content: [{ text: 'done' }] } };
    },
  });
  await begun.promise;
  const model = heldModel();
  const second = session.send('second', { model });
  mayEnd.open();
  await first;
  await model.called;
  mayGoOn.open();
  await settleDown();
  model.answer('done too');
  await Promise.all([second, floating]);
  expect(linesOf(await session.history()).slice(2)).toEqual([
    'user: second',
    'model: done too',
    'user: floating',
    'model: re: floating',
  ]);
});

describe('options of waiting', () => {
  test('that cannot be right are refused, wherever they are given', async () => {
    const wrong = [
      { waitTimeout: 10_000 },
      { waitTimeout: '70000' as never },
      { waitTimeout: Number.POSITIVE_INFINITY },
      { leaseMs: 2 ** 31, waitTimeout: 2 ** 32 },
      { leaseMs: 0 },
      { leaseMs: 1.5 },
      { whenBusy: 'queue' as never },
      { window: 0 },
    ];
    for (const options of wrong) {
      await errorOf(() => sess(options), 'INVALID_ARGUMENT');
      await errorOf(() => sess().createSession().chat(options), 'INVALID_ARGUMENT');
      await errorOf(() => sess({ model: echo }).createSession().send('hi', options), 'INVALID_ARGUMENT');
    }
  });
});
