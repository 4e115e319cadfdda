// What is kept of a turn whose process is killed. The table in docs/durability.md is written by this test: `vitest -u`.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chat, sess } from '@sess/core';
import { scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { keptOf, withTable } from '../../core/test/kept.ts';
import { expectWellFormed } from '../../core/test/tool-samples.ts';
import { testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'durability.md');
const sessionId = 'killed';

/** The points at which the process is killed, as support/mortal-turn.ts knows them. */
const points = [
  ['before the opening commit', 'before commit 1'],
  ['after the opening commit', 'after commit 1'],
  ['in mid-answer', 'answer 1'],
  ['while a tool runs, and another has finished', 'tools'],
  ['before a round is stored', 'before commit 2'],
  ['after a round was stored', 'after commit 2'],
  ['in mid-answer of the second round', 'answer 2'],
  ['before the closing commit', 'before commit 3'],
  ['after the closing commit', 'after commit 3'],
  ['while a tool waits for its answer', 'before respond'],
  ['while a tool that was answered goes on', 'respond answer 2'],
] as const;

/** A folder with a session of one finished turn, and a second one whose process was killed. */
async function killedAt(point: string): Promise<string> {
  const folder = testFolder();
  const ai = sess({ store: openStore({ folder }), model: scriptedModel('fine') });
  await (await ai.openSession(sessionId)).send('first');
  const child = fork(new URL('./support/mortal-turn.ts', import.meta.url), [folder, sessionId, point], {
    execArgv: [],
  });
  const dead = once(child, 'exit');
  const [reached] = await Promise.race([once(child, 'message'), dead]);
  expect(reached).toBe(point);
  child.kill('SIGKILL');
  expect(await dead).toEqual([null, 'SIGKILL']);
  return folder;
}

/** Another process on a copy of the folder. */
async function elsewhere(folder: string) {
  const copy = testFolder();
  cpSync(folder, copy, { recursive: true });
  const model = scriptedModel('fine');
  const ai = sess({ store: openStore({ folder: copy }), model });
  return { chat: (await ai.loadSession(sessionId)).chat(), model };
}

/** What a call comes to, and whether the model was asked what a provider takes. */
async function outcomeOf(folder: string, call: (chat: Chat) => PromiseLike<unknown>): Promise<string> {
  const { chat, model } = await elsewhere(folder);
  const pending = chat.interrupts.map(({ toolRequest }) => toolRequest.ref);
  const outcome = await call(chat).then(
    () => 'goes on',
    ({ code }) => `\`${code}\``,
  );
  for (const { messages } of model.requests) expectWellFormed(messages);
  const isOver = pending.length === 0 || outcome === 'goes on';
  expectWellFormed(await chat.session.history(), isOver ? [] : pending);
  return outcome;
}

describe('what is kept of a turn whose process is killed', () => {
  const rows: string[][] = [];

  test.each(points)('%s', async (title, point) => {
    const folder = await killedAt(point);
    const { chat } = await elsewhere(folder);
    const pending = chat.interrupts.map(({ toolRequest: { ref } }) => ({ ref, output: 'yes' }));
    expectWellFormed(
      chat.messages,
      pending.map(({ ref }) => ref),
    );
    const open = await chat.openTurn();
    const send = await outcomeOf(folder, (there) => there.send('next'));
    rows.push([
      title,
      keptOf(chat.messages.slice(2)),
      open ? `\`${open.status}\`` : '',
      open ? await outcomeOf(folder, (there) => (pending.length > 0 ? there.respond(pending) : there.resume())) : '',
      send,
    ]);
  });

  test('is what docs/durability.md says', async () => {
    const head = ['killed', 'what is kept', '`openTurn()`', '`resume()`, or `respond()`', '`send()`'];
    await expect(withTable(readFileSync(page, 'utf8'), 'kills', head, rows)).toMatchFileSnapshot(page);
  });
});
