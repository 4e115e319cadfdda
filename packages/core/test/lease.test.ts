import { type Model, type OpenTurn, sess } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { echo, heldModel, kindOf, linesOf, OtherProcess, settleDown, storedSession } from './chat-samples.ts';
import { errorOf, gate } from './samples.ts';

const LEASE = 60;

/** A turn of a process that can be frozen, and the session as another process sees it. */
async function frozenTurn({ said = [] as string[], words = ['half '] } = {}) {
  const { id, store, session } = await storedSession(said);
  const dead = new OtherProcess(store);
  const model = heldModel(...words);
  const turn = (await sess({ store: dead, model, leaseMs: LEASE }).loadSession(id)).send('lost?');
  turn.catch(() => {}); // its process is dead: nobody hears
  await model.called;
  dead.freeze();
  return { id, store, session, dead, model, turn };
}

describe('the lease', () => {
  test('is renewed by empty commits with holds while the model works, and no more after the turn', async () => {
    const { promise: beaten, open } = gate();
    let beats = 0;
    const store = new OtherProcess().on('beat', {
      after: () => {
        beats += 1;
        if (beats === 3) open();
      },
    });
    const model = heldModel();
    const session = sess({ store, model, leaseMs: LEASE }).createSession();
    const turn = session.send('hi');
    await beaten;
    const open1 = (await store.get(session.id))?.openTurns?.main as OpenTurn;
    expect(open1.beat).toBeGreaterThanOrEqual(3);
    expect(open1.leaseMs).toBe(LEASE);
    model.answer('done');
    await turn;
    expect(kindOf(store.commits.at(-1) as never)).toBe('close');
    const { length } = store.commits;
    await new Promise((resolve) => setTimeout(resolve, 2 * LEASE));
    expect(store.commits).toHaveLength(length);
  });

  test('protects a model call that takes longer than it', async () => {
    const { id, store } = await storedSession();
    const model = heldModel();
    const { promise: beaten, open } = gate();
    let beats = 0;
    const mine = new OtherProcess(store).on('beat', {
      after: () => {
        beats += 1;
        if (beats === 9) open();
      },
    });
    const turn = (await sess({ store: mine, model, leaseMs: LEASE }).loadSession(id)).send('first');
    await model.called;
    const other = (await sess({ store: new OtherProcess(store), model: echo }).loadSession(id)).send('second');
    await beaten; // three leases
    model.answer('done');
    await Promise.all([turn, other]);
    expect(linesOf((await store.get(id))?.threads?.main)).toEqual([
      'user: first',
      'model: done',
      'user: second',
      'model: re: second',
    ]);
  });

  test('goes on after a beat that failed', async () => {
    const { promise: beaten, open } = gate();
    let beats = 0;
    const store = new OtherProcess().on('beat', {
      before: () => {
        beats += 1;
        if (beats === 1) throw new Error('connection lost');
        open();
      },
    });
    const model = heldModel();
    const turn = sess({ store, model, leaseMs: LEASE }).createSession().send('hi');
    await beaten;
    model.answer('done');
    expect((await turn).text).toBe('done');
  });

  test('of a turn that runs is seen as running, and not taken over', async () => {
    const { id, store } = await storedSession();
    const model = heldModel();
    const turn = (await sess({ store, model, leaseMs: LEASE }).loadSession(id)).send('first');
    await model.called;
    const other = await sess({ store: new OtherProcess(store), model: echo }).loadSession(id);
    expect(await other.chat().openTurn()).toMatchObject({ id: expect.any(String), status: 'running' });
    expect(await (await sess({ store }).loadSession(id)).chat().openTurn()).toMatchObject({ status: 'running' });
    model.answer('done');
    await turn;
    expect(await other.chat().openTurn()).toBeUndefined();
  });

  test('of a foreign turn that beats: whenBusy reject is BUSY', async () => {
    const { id, store } = await storedSession();
    const model = heldModel();
    const turn = (await sess({ store, model, leaseMs: LEASE }).loadSession(id)).send('first');
    await model.called;
    const other = await sess({ store: new OtherProcess(store), model: echo }).loadSession(id);
    await errorOf(() => other.send('second', { whenBusy: 'reject' }), 'BUSY');
    model.answer('done');
    await turn;
  });
});

describe('a killed turn', () => {
  test('is offered as abandoned; the question is there', async () => {
    const { id, store } = await frozenTurn();
    const chat = (await sess({ store, model: echo }).loadSession(id)).chat();
    expect(linesOf(chat.messages)).toEqual(['user: lost?']);
    expect(await chat.openTurn()).toEqual({
      id: expect.any(String),
      openedAt: expect.any(Number),
      status: 'abandoned',
    });
  });

  test('is resumed', async () => {
    const { id, store } = await frozenTurn();
    const chat = (await sess({ store, model: echo }).loadSession(id)).chat();
    await chat.openTurn();
    expect((await chat.resume()).text).toBe('re: lost?');
    expect(linesOf(chat.messages)).toEqual(['user: lost?', 'model: re: lost?']);
    const [question, answer] = chat.messages.map(
      ({ metadata }) => (metadata?.sess as { turn: string } | undefined)?.turn,
    );
    expect(answer).toBe(question);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('is resumed also by a session that was loaded before it began', async () => {
    const { id, store } = await storedSession(['one']);
    const early = (await sess({ store: new OtherProcess(store), model: echo }).loadSession(id)).chat();
    const dead = new OtherProcess(store);
    const model = heldModel();
    (await sess({ store: dead, model, leaseMs: LEASE }).loadSession(id)).send('lost?');
    await model.called;
    dead.freeze();
    expect((await early.resume()).text).toBe('re: lost?');
  });

  test('is resumed by one process only, whose model is called once', async () => {
    const { id, store } = await frozenTurn();
    let calls = 0;
    const model: Model = (request) => {
      calls += 1;
      return echo(request);
    };
    const processes = [new OtherProcess(store), new OtherProcess(store)];
    const sessions = await Promise.all(processes.map((one) => sess({ store: one, model }).loadSession(id)));
    const outcomes = await Promise.allSettled(sessions.map((session) => session.chat().resume()));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(calls).toBe(1);
    expect(linesOf((await store.get(id))?.threads?.main)).toEqual(['user: lost?', 'model: re: lost?']);
  });

  test('is discarded, with its messages', async () => {
    const { id, store } = await frozenTurn({ said: ['one'] });
    const chat = (await sess({ store, model: echo }).loadSession(id)).chat();
    expect(await chat.discard()).toBe(true);
    expect(linesOf(chat.messages)).toEqual(['user: one', 'model: re: one']);
    expect(linesOf((await store.get(id))?.threads?.main)).toEqual(['user: one', 'model: re: one']);
    expect(await chat.openTurn()).toBeUndefined();
    expect(await chat.discard()).toBe(false);
  });

  test('is taken over by a plain send', async () => {
    const { id, store } = await frozenTurn();
    const session = await sess({ store: new OtherProcess(store), model: echo }).loadSession(id);
    expect((await session.send('next')).text).toBe('re: next');
    expect(linesOf(await session.history())).toEqual(['user: lost?', 'user: next', 'model: re: next']);
  });

  test('is taken over by a plain send with whenBusy: reject, after its lease', async () => {
    const { id, store } = await frozenTurn();
    const session = await sess({ store: new OtherProcess(store), model: echo }).loadSession(id);
    expect((await session.send('next', { whenBusy: 'reject' })).text).toBe('re: next');
  });

  test('is taken over by requests that load the session each time, as stateless endpoints do', async () => {
    const { id, store } = await frozenTurn();
    const process = new OtherProcess(store);
    const endpoint = async (text: string) => (await sess({ store: process, model: echo }).loadSession(id)).send(text);
    expect((await endpoint('next')).text).toBe('re: next');
  });

  test('is taken over by append and truncate', async () => {
    const { id, store } = await frozenTurn();
    const chat = (await sess({ store: new OtherProcess(store) }).loadSession(id)).chat();
    await chat.append([{ role: 'user', content: 'more' }]);
    expect((await store.get(id))?.openTurns).toBeUndefined();
    expect(linesOf(chat.messages)).toEqual(['user: lost?', 'user: more']);
  });

  test('that left a tool request open does not brick the session', async () => {
    const { id, store, dead } = await frozenTurn();
    const { life, versions, lengths } = (await store.get(id)) as never as {
      life: string;
      versions: { threads: { main: string } };
      lengths: { main: number };
    };
    const append = [{ role: 'model' as const, content: [{ toolRequest: { name: 'pay', ref: '1' } }] }];
    const threads = { main: { base: versions.threads.main, keep: lengths.main, append } };
    await store.commit(id, { changeId: 'round', life, threads });
    const model = heldModel();
    const session = await sess({ store: new OtherProcess(store), model }).loadSession(id);
    const turn = session.send('next');
    const request = await model.called;
    expect(request.messages.map(({ role }) => role)).toEqual(['user', 'model', 'tool', 'user']);
    expect(request.messages[2]?.content[0]?.toolResponse).toMatchObject({
      name: 'pay',
      ref: '1',
      output: { error: expect.any(String) },
    });
    model.answer('done');
    await turn;
    dead.thaw();
  });

  test('nothing is open: resume is INVALID_ARGUMENT, discard false', async () => {
    const { session } = await storedSession(['one']);
    await errorOf(() => session.chat().resume(), 'INVALID_ARGUMENT');
    expect(await session.chat().discard()).toBe(false);
    expect(await session.history()).toHaveLength(2);
    const fresh = sess({ model: echo }).createSession();
    await errorOf(() => fresh.chat().resume(), 'INVALID_ARGUMENT');
    expect(await fresh.chat().discard()).toBe(false);
    expect(await fresh.chat().openTurn()).toBeUndefined();
  });

  test('a running one is BUSY to resume', async () => {
    const { session } = await storedSession();
    const model = heldModel();
    const turn = session.send('hi', { model });
    await model.called;
    await errorOf(() => session.chat().resume({ whenBusy: 'reject' }), 'BUSY');
    model.answer('done');
    await turn;
  });
});

describe('a zombie', () => {
  test('writes nothing after the takeover, and rejects with CONFLICT', async () => {
    const { id, store, dead, model, turn } = await frozenTurn();
    const heard = errorOf(() => turn, 'CONFLICT');
    const session = await sess({ store: new OtherProcess(store), model: echo }).loadSession(id);
    await session.send('next');
    const before = await store.get(id);
    model.answer('too late');
    dead.thaw();
    const error = await heard;
    expect(error).toMatchObject({ sessionId: id });
    await settleDown();
    expect(await store.get(id)).toEqual(before);
  });

  test('hears of it by its next beat, and its model is aborted', async () => {
    const { id, store, dead, model, turn } = await frozenTurn();
    const heard = errorOf(() => turn, 'CONFLICT');
    await (await sess({ store: new OtherProcess(store), model: echo }).loadSession(id)).send('next');
    dead.thaw();
    await heard;
    expect(model.requests[0]?.signal.aborted).toBe(true);
  });

  test('cannot change the state from inside its turn either', async () => {
    const { id, store } = await storedSession();
    const dead = new OtherProcess(store);
    const { promise: called, open: call } = gate();
    const { promise: goOn, open } = gate();
    const ai = sess({ store: dead, leaseMs: LEASE });
    const { promise: refused, open: refuse } = gate<unknown>();
    const session = await ai.loadSession(id);
    const turn = session.send('first', {
      model: async () => {
        call();
        await goOn;
        refuse(await errorOf(() => ai.currentSession().updateState({ stolen: true }), 'CONFLICT'));
        return { message: { role: 'model', content: [{ text: 'x' }] } };
      },
    });
    turn.catch(() => {});
    await called;
    dead.freeze();
    await (await sess({ store: new OtherProcess(store), model: echo }).loadSession(id)).send('next');
    open();
    dead.thaw();
    await errorOf(() => turn, 'CONFLICT');
    await refused;
    expect((await store.get(id))?.state).toBeUndefined();
  });

  test('may go on after a freeze that nobody has used', async () => {
    const { dead, model, turn, store, id } = await frozenTurn();
    model.answer('late, but first');
    dead.thaw();
    expect((await turn).text).toBe('late, but first');
    expect(linesOf((await store.get(id))?.threads?.main)).toEqual(['user: lost?', 'model: late, but first']);
  });
});
