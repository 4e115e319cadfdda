import { type Model, sess } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { echo, failing, heldModel, linesOf, OtherProcess, settleDown, storedSession } from './chat-samples.ts';
import { errorOf, gate } from './samples.ts';

describe('an abort', () => {
  test('in the tick of the send: nothing is stored, the model is not called', async () => {
    const store = new OtherProcess();
    const model = heldModel();
    const turn = sess({ store, model }).createSession().send('hi');
    turn.abort();
    await errorOf(() => turn, 'ABORTED');
    expect(store.commits).toEqual([]);
    expect(model.requests).toEqual([]);
  });

  test('by a signal that has fired already: the same', async () => {
    const store = new OtherProcess();
    const session = sess({ store, model: echo }).createSession();
    const error = await errorOf(() => session.send('hi', { signal: AbortSignal.abort('enough') }), 'ABORTED');
    expect(error).toMatchObject({ cause: 'enough', sessionId: session.id, thread: 'main' });
    expect(store.commits).toEqual([]);
  });

  test('in the line: nothing of it is stored, and those behind it go on', async () => {
    const model = heldModel();
    const chat = sess({ model }).createSession().chat();
    const first = chat.send('first');
    const second = chat.send('second');
    const third = chat.send('third');
    await model.called;
    second.abort();
    await errorOf(() => second, 'ABORTED');
    model.answer('done');
    await Promise.all([first, third]);
    expect(linesOf(chat.messages)).toEqual(['user: first', 'model: done', 'user: third', 'model: later']);
  });

  test('behind a turn of another process: it waits no longer, nothing is stored', async () => {
    const { id, store } = await storedSession();
    const model = heldModel();
    const running = (await sess({ store, model }).loadSession(id)).send('first');
    await model.called;
    const other = new OtherProcess(store);
    const second = (await sess({ store: other, model: echo }).loadSession(id)).send('second');
    await settleDown();
    second.abort();
    await errorOf(() => second, 'ABORTED');
    expect(other.commits).toEqual([]);
    model.answer('done');
    await running;
  });

  test('during the opening commit: the question stays, the model is not called, the turn is closed', async () => {
    const { promise: isOpening, open: opening } = gate();
    const { promise: mayOpen, open } = gate();
    const store = new OtherProcess().on('open', {
      before: () => {
        opening();
        return mayOpen;
      },
    });
    const model = heldModel();
    const chat = sess({ store, model }).createSession().chat();
    const turn = chat.send('hi');
    await isOpening;
    turn.abort();
    open();
    await errorOf(() => turn, 'ABORTED');
    expect(model.requests).toEqual([]);
    expect(linesOf(chat.messages)).toEqual(['user: hi']);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('in mid-answer: the signal of the model fires, and what was said stays, marked, and is told', async () => {
    const model = heldModel('one ', 'two ');
    const chat = sess({ model }).createSession().chat();
    const turn = chat.send('hi');
    const { signal } = await model.called;
    turn.abort('enough');
    const error = await errorOf(() => turn, 'ABORTED');
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe('enough');
    expect(error.cause).toBe('enough');
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: one two ']);
    expect(chat.messages[1]?.metadata?.sess).toMatchObject({ end: 'aborted' });
    expect(error.partial).toEqual(chat.messages[1]);
    expect(await chat.openTurn()).toBeUndefined();
  });

  test('by the signal of a send: the same', async () => {
    const model = heldModel('one ');
    const controller = new AbortController();
    const chat = sess({ model }).createSession().chat();
    const turn = chat.send('hi', { signal: controller.signal });
    await model.called;
    controller.abort('enough');
    const error = await errorOf(() => turn, 'ABORTED');
    expect(error.cause).toBe('enough');
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: one ']);
  });

  test('before the model has said anything: the question stays alone, and there is no partial', async () => {
    const model = heldModel();
    const chat = sess({ model }).createSession().chat();
    const turn = chat.send('hi');
    await model.called;
    turn.abort();
    const error = await errorOf(() => turn, 'ABORTED');
    expect(error.partial).toBeUndefined();
    expect(linesOf(chat.messages)).toEqual(['user: hi']);
  });

  test('reaches the loops too, after the chunks', async () => {
    const model = heldModel('one ');
    const turn = sess({ model }).createSession().send('hi');
    const chunks: string[] = [];
    const reading = (async () => {
      for await (const { text } of turn) chunks.push(text);
    })();
    await model.called;
    turn.abort();
    await errorOf(() => reading, 'ABORTED');
    expect(chunks).toEqual(['one ']);
  });

  test('does not wait for a model that ignores its signal, and hears nothing more of it', async () => {
    const { promise: goOn, open } = gate();
    const { promise: called, open: call } = gate();
    const { promise: ended, open: end } = gate();
    const model: Model = async (_, onChunk) => {
      onChunk?.({ content: [{ text: 'one ' }] });
      call();
      await goOn;
      onChunk?.({ content: [{ text: 'two ' }] });
      end();
      return { message: { role: 'model', content: [{ text: 'one two ' }] } };
    };
    const chat = sess({ model }).createSession().chat();
    const turn = chat.send('hi');
    await called;
    turn.abort();
    await errorOf(() => turn, 'ABORTED');
    open();
    await ended;
    await settleDown();
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: one ']);
    const chunks: string[] = [];
    await errorOf(async () => {
      for await (const { text } of turn) chunks.push(text);
    }, 'ABORTED');
    expect(chunks).toEqual(['one ']);
  });

  test('during the closing commit comes too late: the answer is stored, the turn resolves', async () => {
    const { promise: isClosing, open: closing } = gate();
    const { promise: mayClose, open } = gate();
    const store = new OtherProcess().on('close', {
      before: () => {
        closing();
        return mayClose;
      },
    });
    const chat = sess({ store, model: echo }).createSession().chat();
    const turn = chat.send('hi');
    await isClosing;
    turn.abort();
    open();
    expect((await turn).text).toBe('re: hi');
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: re: hi']);
  });

  test('after the end changes nothing', async () => {
    const turn = sess({ model: echo }).createSession().send('hi');
    await turn;
    turn.abort();
    expect((await turn).text).toBe('re: hi');
  });

  test('that cannot be stored is ABORTED all the same, and the next send goes on at once', async () => {
    const store = new OtherProcess().on('close', { before: failing() });
    const model = heldModel('one ');
    const chat = sess({ store, model }).createSession().chat();
    const turn = chat.send('hi');
    await model.called;
    turn.abort('enough');
    const error = await errorOf(() => turn, 'ABORTED');
    expect((error.cause as AggregateError).errors[0]).toBe('enough');
    store.on('close', {});
    await chat.send('again', { whenBusy: 'reject' });
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'user: again', 'model: later']);
  });

  test('of an append or a truncate in the line: nothing is stored', async () => {
    const model = heldModel();
    const chat = sess({ model }).createSession().chat();
    const turn = chat.send('hi');
    const controller = new AbortController();
    const { signal } = controller;
    const append = chat.append([{ role: 'user', content: 'more' }], { signal });
    const truncate = chat.truncate(0, { signal });
    await model.called;
    controller.abort();
    await errorOf(() => append, 'ABORTED');
    await errorOf(() => truncate, 'ABORTED');
    model.answer('done');
    await turn;
    expect(linesOf(chat.messages)).toEqual(['user: hi', 'model: done']);
  });
});
