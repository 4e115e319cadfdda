import { type Model, memoryStore, SessError, sess } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { echo, failing, heldModel, OtherProcess, storedSession } from './chat-samples.ts';
import { errorOf, gate } from './samples.ts';

interface Counter {
  count: number;
}
const increment = ({ count }: Counter): Counter => ({ count: count + 1 });

describe('updateState', () => {
  test('merges a patch shallowly, and resolves the new state', async () => {
    const store = memoryStore();
    const session = sess({ store }).createSession({ initialState: { a: { x: 1, y: 2 }, b: 1 } });
    expect(await session.updateState({ a: { x: 3, y: 4 } })).toEqual({ a: { x: 3, y: 4 }, b: 1 });
    expect(session.state).toEqual({ a: { x: 3, y: 4 }, b: 1 });
    expect((await store.get(session.id))?.state).toEqual({ a: { x: 3, y: 4 }, b: 1 });
  });

  test('merges what the patch was when it was called', async () => {
    const session = sess().createSession({ initialState: { a: 1, b: { x: 1 } } });
    const patch = { a: 2, b: { x: 2 } };
    const updated = session.updateState(patch);
    patch.a = 3;
    patch.b = { x: 3 };
    expect(await updated).toEqual({ a: 2, b: { x: 2 } });
  });

  test('removes what is undefined in a patch', async () => {
    const session = sess().createSession<{ a?: number | undefined; b: number }>({ initialState: { a: 1, b: 1 } });
    expect(await session.updateState({ a: undefined })).toEqual({ b: 1 });
  });

  test('makes a state where there is none', async () => {
    const session = sess().createSession<{ a?: number }>();
    expect(session.state).toBeUndefined();
    await session.updateState({ a: 1 });
    expect(session.state).toEqual({ a: 1 });
  });

  test('takes a function of the current state', async () => {
    const session = sess().createSession<Counter>({ initialState: { count: 1 } });
    expect(await session.updateState(increment)).toEqual({ count: 2 });
  });

  test('20 at once, over two Session objects and two processes, make 20', async () => {
    const { id, store } = await storedSession();
    const sessions = await Promise.all(
      [store, store, new OtherProcess(store), new OtherProcess(store)].map((one) =>
        sess({ store: one }).loadSession<Counter>(id),
      ),
    );
    await sessions[0]?.updateState({ count: 0 });
    await Promise.all(Array.from({ length: 20 }, (_, index) => sessions[index % 4]?.updateState(increment)));
    expect((await store.get(id))?.state).toEqual({ count: 20 });
  });

  test('by a function that throws on a state that others have replaced is called again, on theirs', async () => {
    const { id, store } = await storedSession();
    const [one, two] = [await sess({ store }).loadSession(id), await sess({ store }).loadSession(id)];
    await one.updateState({ balance: 5 });
    const pay = ({ balance }: { balance: number }) => {
      if (!(balance >= 3)) throw new RangeError('too little');
      return { balance: balance - 3 };
    };
    expect(await two.updateState(pay)).toEqual({ balance: 2 });
    await expect(two.updateState(pay)).rejects.toThrow(new RangeError('too little'));
  });

  test('of a patch is applied again to a fresh state too: no key of others is lost', async () => {
    const { id, store } = await storedSession();
    const [one, two] = [await sess({ store }).loadSession(id), await sess({ store }).loadSession(id)];
    await Promise.all([one.updateState({ a: 1 }), two.updateState({ b: 2 })]);
    expect((await store.get(id))?.state).toEqual({ a: 1, b: 2 });
  });

  test('does not conflict with turns', async () => {
    const { id, store } = await storedSession();
    const [talking, counting] = [new OtherProcess(store), new OtherProcess(store)];
    const talker = await sess({ store: talking, model: echo }).loadSession(id);
    const counter = await sess({ store: counting }).loadSession(id);
    await Promise.all([talker.send('a'), counter.updateState({ count: 1 }), counter.updateState({ count: 2 })]);
    expect(talking.commits).toHaveLength(2);
    expect(counting.commits).toHaveLength(2);
    expect(await store.get(id)).toMatchObject({ state: { count: 2 }, lengths: { main: 2 } });
  });

  test('by a function that throws changes nothing', async () => {
    const session = sess().createSession<Counter>({ initialState: { count: 1 } });
    const update = () => {
      throw new RangeError('no');
    };
    await expect(session.updateState(update)).rejects.toThrow(RangeError);
    expect(session.state).toEqual({ count: 1 });
    expect(session.isNew).toBe(true);
  });

  test('gives the function a copy: a draft that is changed and not returned changes nothing', async () => {
    const session = sess().createSession<Counter>({ initialState: { count: 1 } });
    const update = (state: Counter) => {
      state.count = 5;
      return undefined as never;
    };
    await errorOf(() => session.updateState(update), 'NOT_SERIALIZABLE');
    expect(session.state).toEqual({ count: 1 });
  });

  test('refuses what cannot be stored, with the path, and what cannot be merged', async () => {
    const session = sess().createSession({ initialState: { cart: [{ price: 1 }] } });
    const error = await errorOf(
      () => session.updateState({ cart: [{ price: 1 }, { price: Number.NaN }] }),
      'NOT_SERIALIZABLE',
    );
    expect(error.message).toContain('state.cart[1].price');
    await errorOf(() => session.updateState((async () => ({ cart: [] })) as never), 'NOT_SERIALIZABLE');
    await errorOf(() => session.updateState([] as never), 'INVALID_ARGUMENT');
    const list = sess().createSession<number[]>({ initialState: [1] });
    await errorOf(() => list.updateState({} as never), 'INVALID_ARGUMENT');
    expect(await list.updateState((numbers) => [...numbers, 2])).toEqual([1, 2]);
  });

  test('that the store refuses leaves the state as it was: memory is not ahead of the store', async () => {
    const store = new OtherProcess();
    const session = sess({ store }).createSession<Counter>({ initialState: { count: 1 } });
    await session.keepAlive();
    store.on('other', { before: failing() });
    await errorOf(() => session.updateState({ count: 2 }), 'STORE_FAILED');
    expect(session.state).toEqual({ count: 1 });
    store.on('other', {});
    expect(await session.updateState(increment)).toEqual({ count: 2 });
  });

  test('that failed, and landed all the same, is seen at the next use', async () => {
    const store = new OtherProcess();
    const session = sess({ store }).createSession<Counter>({ initialState: { count: 1 } });
    await session.keepAlive();
    store.on('other', { after: failing() });
    await errorOf(() => session.updateState(increment), 'STORE_FAILED');
    store.on('other', {});
    expect(await session.updateState(increment)).toEqual({ count: 3 });
  });

  test('whose outcome the store does not know is not applied again', async () => {
    const store = new OtherProcess();
    const session = sess({ store }).createSession<Counter>({ initialState: { count: 1 } });
    await session.keepAlive();
    let calls = 0;
    store.on('other', {
      after: () => {
        calls += 1;
        throw unknownOutcome();
      },
    });
    const error = await errorOf(() => session.updateState(increment), 'CONFLICT');
    expect(error.outcome).toBe('unknown');
    expect(calls).toBe(1);
    expect((await store.get(session.id))?.state).toEqual({ count: 2 });
  });
});

describe('state', () => {
  test('is frozen: mutating it changes nothing', async () => {
    const given = { list: [1] };
    const session = sess().createSession({ initialState: given });
    given.list.push(2);
    expect(() => session.state.list.push(3)).toThrow(TypeError);
    await session.updateState({ list: [1, 2] });
    expect(() => session.state.list.push(3)).toThrow(TypeError);
    expect(session.state).toEqual({ list: [1, 2] });
  });

  test('is the stored form from the start: a Date does not change its type only after a reload', async () => {
    const store = memoryStore();
    const session = sess({ store }).createSession({ initialState: { at: new Date(0), gone: undefined } });
    const stored = { at: '1970-01-01T00:00:00.000Z' };
    expect(session.state).toStrictEqual(stored);
    await session.updateState((state) => ({ ...state, at: new Date(0) }));
    expect(session.state).toStrictEqual(stored);
    expect((await sess({ store }).loadSession(session.id)).state).toStrictEqual(stored);
  });
});

describe('updateState inside a turn', () => {
  test('carries holds: the turn must still be open', async () => {
    const { id, store } = await storedSession();
    const watched = new OtherProcess(store);
    const ai = sess({ store: watched });
    const model: Model = async () => {
      await ai.currentSession<Counter>().updateState({ count: 1 });
      return { message: { role: 'model', content: [{ text: 'done' }] } };
    };
    const session = await ai.loadSession<Counter>(id);
    await session.send('hi', { model });
    const [open, change] = watched.commits;
    expect(change?.holds).toEqual({ main: open?.threads?.main?.turn?.id });
    expect(session.state).toEqual({ count: 1 });
    await session.updateState({ count: 2 });
    expect(watched.commits.at(-1)?.holds ?? {}).toEqual({});
  });

  test('carries holds also through another Session object of the same session, and not for another session', async () => {
    const { id, store } = await storedSession();
    const { id: otherId } = await storedSession([], store);
    const watched = new OtherProcess(store);
    const ai = sess({ store: watched });
    const model: Model = async () => {
      await (await ai.loadSession(id)).updateState({ a: 1 });
      await (await ai.loadSession(otherId)).updateState({ b: 1 });
      return { message: { role: 'model', content: [{ text: 'done' }] } };
    };
    await (await ai.loadSession(id)).send('hi', { model });
    const [, own, foreign] = watched.commits;
    expect(Object.keys(own?.holds ?? {})).toEqual(['main']);
    expect(foreign?.holds ?? {}).toEqual({});
  });

  test('is refused with CONFLICT after the turn was reset', async () => {
    const { session, store, id } = await storedSession();
    const { promise: called, open: call } = gate();
    const { promise: goOn, open } = gate();
    const { promise: refused, open: refuse } = gate<unknown>();
    const model: Model = async () => {
      call();
      await goOn;
      refuse(await errorOf(() => session.updateState({ a: 1 }), 'CONFLICT'));
      return { message: { role: 'model', content: [{ text: 'done' }] } };
    };
    const turn = session.send('hi', { model });
    turn.catch(() => {});
    await called;
    await session.reset();
    open();
    await refused;
    await errorOf(() => turn, 'CONFLICT');
    expect((await store.get(id))?.state).toBeUndefined();
  });

  test('works while the model streams, from outside too', async () => {
    const { session } = await storedSession();
    const model = heldModel();
    const turn = session.send('hi', { model });
    await model.called;
    await session.updateState({ a: 1 });
    model.answer('done');
    await turn;
    expect(session.state).toEqual({ a: 1 });
  });
});

function unknownOutcome() {
  return new SessError('CONFLICT', 'The session was changed meanwhile.', {
    outcome: 'unknown',
    parts: { state: { version: 'x' } },
  });
}
