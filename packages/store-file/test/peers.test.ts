// Where other systems were seen to break, as far as files are concerned. Each test has the name of the failure that it
// shows to be impossible here. The others are in packages/core/test/peers.test.ts; those that need several processes in
// chat-processes.test.ts here.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SessError, sess } from '@sess/core';
import { demoModel } from '@sess/core/testing';
import { rejection } from '@sess/store-tests/session';
import { describe, expect, test } from 'vitest';
import { journalPath, testFolder } from './support/folder.ts';
import { openStore } from './support/open-store.ts';

const KILOBYTE = 'x'.repeat(1024);

describe('Genkit 1.38', () => {
  test('the file example takes `../` in an id', async () => {
    const folder = join(testFolder(), 'inside');
    const ai = sess({ store: openStore({ folder }), model: demoModel() });
    for (const id of ['../../etc/passwd', '../escaped', '/etc/passwd', '..', '.', 'a/../b']) {
      await ai.createSession({ sessionId: id }).send('my name is Pavel');
      expect((await ai.loadSession(id)).chat().messages).toHaveLength(2);
    }
    expect(readdirSync(dirname(folder))).toEqual(['inside']);
    expect(readdirSync(folder)).toHaveLength(6);
  });

  test('100 turns of 1 KB write 10.5 MB', async () => {
    const folder = testFolder();
    const session = sess({ store: openStore({ folder }), model: demoModel() }).createSession();
    for (let turn = 0; turn < 100; turn += 1) await session.send(KILOBYTE);
    const { size } = statSync(journalPath(folder));
    expect(size).toBeLessThan(100 * 2 * 1024 * 2); // the demo model repeats the question in its answer
  });
});

describe('Genkit 1.42', () => {
  test('one corrupt file breaks the listing', async () => {
    const folder = testFolder();
    const ai = sess({ store: openStore({ folder }), model: demoModel() });
    for (const id of ['good', 'bad', 'fine']) await ai.createSession({ sessionId: id }).send('hi');
    writeFileSync(journalPath(folder, 'bad'), 'garbage');
    const again = sess({ store: openStore({ folder }), model: demoModel() });
    const ids: string[] = [];
    const unreadable: SessError[] = [];
    for await (const { id } of again.sessions.list({ onUnreadable: ({ error }) => unreadable.push(error) }))
      ids.push(id);
    expect(ids.sort()).toEqual(['fine', 'good']);
    expect(unreadable.map(({ code }) => code)).toEqual(['CORRUPT']);
    expect((await (await again.loadSession('good')).send('hi')).text).not.toBe('');
  });
});

describe('connect-* session stores', () => {
  test('a parse error reads as no session', async () => {
    const folder = testFolder();
    await sess({ store: openStore({ folder }), model: demoModel() })
      .createSession({ sessionId: 'a' })
      .send('hi');
    writeFileSync(journalPath(folder), '{"threads":');
    const ai = sess({ store: openStore({ folder }), model: demoModel() });
    const deeds = [
      () => ai.loadSession('a'),
      () => ai.openSession('a'),
      () => ai.createSession({ sessionId: 'a' }).send('hi'),
      () => ai.sessions.info('a'),
    ];
    for (const deed of deeds) expect(SessError.is(await rejection(deed()), 'CORRUPT')).toBe(true);
  });
});
