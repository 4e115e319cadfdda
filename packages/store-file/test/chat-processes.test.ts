import { type MessageData, sess, textOf } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';
import { RemoteChat } from './support/remote-chat.ts';

const PROCESSES = [0, 1, 2, 3];
const TURNS = 50;
const HOUR = 3_600_000;

function linesOf(messages: readonly MessageData[] = []): string[] {
  return messages.map((message) => `${message.role}: ${textOf(message)}`);
}

function turnsOf(process: number): string[] {
  return Array.from({ length: TURNS }, (_, turn) => [
    `user: p${process}.${turn}`,
    `model: re: p${process}.${turn}`,
  ]).flat();
}

async function fourProcesses(folder: string, aheadOf: (process: number) => number = () => 0) {
  const chats = await Promise.all(PROCESSES.map((process) => RemoteChat.start(folder, { ahead: aheadOf(process) })));
  await Promise.all(chats.map((chat) => chat.call('open', 'shared')));
  return chats;
}

/** A process whose turn has been answered in half, and the folder. */
async function halfAnswered() {
  const folder = testFolder();
  const remote = await RemoteChat.start(folder);
  await remote.call('open', 'shared');
  await remote.call('send', 'main', 'before');
  const outcome = remote.call('hold', 'main', 'question');
  await remote.called;
  const store = openStore({ folder });
  return { remote, outcome, store, ai: sess({ store, model: scriptedModel('answer', 'another') }) };
}

describe('four processes', () => {
  test.each([
    ['with one clock', () => 0],
    ['one of them with a clock that is an hour ahead', (process: number) => (process === 0 ? HOUR : 0)],
  ])(
    'send 50 turns each to one thread, %s: none is lost, doubled or interleaved',
    { timeout: 120_000 },
    async (_, aheadOf) => {
      const folder = testFolder();
      const chats = await fourProcesses(folder, aheadOf);
      const outcomes = await Promise.all(
        chats.map((chat, process) => chat.call('sendMany', 'main', `p${process}`, TURNS)),
      );
      expect(outcomes).toEqual(PROCESSES.map(() => undefined));
      const lines = linesOf((await openStore({ folder }).get('shared'))?.threads?.main);
      expect(lines).toHaveLength(PROCESSES.length * TURNS * 2);
      for (const process of PROCESSES) {
        expect(lines.filter((line) => line.includes(`p${process}.`))).toEqual(turnsOf(process));
      }
      for (let index = 0; index < lines.length; index += 2) {
        expect(lines[index + 1]).toBe(lines[index]?.replace('user: ', 'model: re: '));
      }
    },
  );

  test('send 50 turns each to threads of their own', { timeout: 120_000 }, async () => {
    const folder = testFolder();
    const chats = await fourProcesses(folder);
    await Promise.all(chats.map((chat, process) => chat.call('sendMany', `t${process}`, `p${process}`, TURNS)));
    const record = await openStore({ folder }).get('shared');
    for (const process of PROCESSES) expect(linesOf(record?.threads?.[`t${process}`])).toEqual(turnsOf(process));
  });

  test('increment a counter of the state 20 times together: 20', async () => {
    const folder = testFolder();
    const chats = await fourProcesses(folder);
    const outcomes = await Promise.all(chats.map((chat) => chat.call('increment', 5)));
    expect(outcomes).toEqual(PROCESSES.map(() => undefined));
    expect((await openStore({ folder }).get('shared'))?.state).toEqual({ count: 20 });
  });

  test('open a session at once: one session, with the turns of all', async () => {
    const folder = testFolder();
    const chats = await Promise.all(PROCESSES.map(() => RemoteChat.start(folder)));
    const outcomes = await Promise.all(
      chats.map(async (chat, process) => (await chat.call('open', 'new')) ?? chat.call('send', 'main', `p${process}`)),
    );
    expect(outcomes).toEqual(PROCESSES.map((process) => `re: p${process}`));
    expect((await openStore({ folder }).get('new'))?.lengths).toEqual({ main: 8 });
  });
});

describe('a process that is killed during an answer', () => {
  test('leaves the question; the turn is offered as abandoned, and resumed', async () => {
    const { remote, ai } = await halfAnswered();
    await remote.kill();
    const chat = (await ai.loadSession('shared')).chat();
    expect(linesOf(chat.messages)).toEqual(['user: before', 'model: re: before', 'user: question']);
    expect(await chat.openTurn()).toMatchObject({ status: 'abandoned' });
    expect((await chat.resume()).text).toBe('answer');
    expect(linesOf(await chat.session.history()).slice(2)).toEqual(['user: question', 'model: answer']);
  });

  test('the turn is discarded', async () => {
    const { remote, ai } = await halfAnswered();
    await remote.kill();
    const chat = (await ai.loadSession('shared')).chat();
    expect(await chat.discard()).toBe(true);
    expect((await chat.send('next')).text).toBe('answer');
    expect(linesOf(chat.messages)).toEqual(['user: before', 'model: re: before', 'user: next', 'model: answer']);
  });

  test('the turn is taken over by a plain send', async () => {
    const { remote, ai } = await halfAnswered();
    await remote.kill();
    const session = await ai.loadSession('shared');
    expect((await session.send('next')).text).toBe('answer');
    expect(linesOf(await session.history()).slice(2)).toEqual(['user: question', 'user: next', 'model: answer']);
  });
});

describe('a process that answers for longer than its lease', () => {
  test('is not taken over', async () => {
    const { remote, outcome, ai, store } = await halfAnswered();
    const session = await ai.loadSession('shared');
    expect(await session.chat().openTurn()).toMatchObject({ status: 'running' });
    const waiting = session.send('next');
    const seen = await store.get('shared', { last: 0 });
    await new Promise((resolve) => setTimeout(resolve, 2500)); // the lease is a second: it is the subject here
    const beats = (await store.get('shared', { last: 0 }))?.openTurns?.main;
    expect(beats?.id).toBe(seen?.openTurns?.main?.id);
    await remote.call('answer', 'answered');
    expect(await outcome).toBe('answered');
    await waiting;
    expect(linesOf(await session.history()).slice(2)).toEqual([
      'user: question',
      'model: answered',
      'user: next',
      'model: answer',
    ]);
  });
});

describe('a process that is stopped for longer than its lease', () => {
  test('is taken over; once it goes on it writes nothing more, and its send rejects with CONFLICT', async () => {
    const { remote, outcome, ai, store } = await halfAnswered();
    remote.stop();
    const session = await ai.loadSession('shared');
    expect((await session.send('next')).text).toBe('answer');
    const before = await store.get('shared');
    remote.goOn();
    await remote.call('answer', 'too late');
    expect(await outcome).toBe('CONFLICT');
    expect(await store.get('shared')).toEqual(before);
    expect(linesOf(before?.threads?.main).slice(2)).toEqual(['user: question', 'user: next', 'model: answer']);
  });
});

describe('a turn of another process', () => {
  test.each(['reset', 'delete'] as const)('is ended by %s, by its next beat', async (deed) => {
    const { outcome, ai } = await halfAnswered();
    await (await ai.loadSession('shared'))[deed]();
    expect(await outcome).toBe(deed === 'reset' ? 'CONFLICT' : 'NOT_FOUND');
  });

  test('is ended by discard, which removes its messages', async () => {
    const { outcome, ai } = await halfAnswered();
    const session = await ai.loadSession('shared');
    await session.chat().discard();
    expect(await outcome).toBe('CONFLICT');
    expect(linesOf(await session.history())).toEqual(['user: before', 'model: re: before']);
  });
});
