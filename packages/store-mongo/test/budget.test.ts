import { randomUUID } from 'node:crypto';
import type { SessionChange } from '@sess/core/store';
import { BSON } from 'mongodb';
import { expect, test } from 'vitest';
import { freshPrefix, openClient, openCounted } from './support/open-store.ts';
import { onServer } from './support/server.ts';
import { append, appending, message } from './support/session.ts';

onServer('budgets', () => {
  test('x', { timeout: 120_000 }, async () => {
    const prefix = freshPrefix();
    const { store, commands, bytes } = await openCounted({ prefix });
    await store.get('chat');
    let content = 0;
    const turns: { commands: number; sent: number }[] = [];
    const record = { life: '', versions: {} as any, lengths: {} as any };
    commands();
    bytes();
    let base: string | null = null;
    let life: string | null = null;
    let keep = 0;
    for (let turn = 1; turn <= 1050; turn++) {
      for (const m of [message(`question ${turn}`, 700), message(`answer ${turn}`, 1250)]) {
        content += JSON.stringify(m).length;
        const changeId = randomUUID();
        await store.commit('chat', { changeId, life, threads: { main: { base, keep, append: [m] } } });
        life ??= changeId;
        base = changeId;
        keep += 1;
        turns.push({ commands: commands().length, sent: bytes().sent });
      }
    }
    const mean = (from: number, to: number, k: 'commands' | 'sent') =>
      turns.slice(from * 2, to * 2).reduce((s, c) => s + c[k], 0) / (to - from);
    console.log(
      'per turn',
      mean(0, 100, 'sent'),
      mean(950, 1050, 'sent'),
      'commands/commit',
      mean(0, 1050, 'commands') / 2,
      Math.max(...turns.map((c) => c.commands)),
    );
    console.log('sent/content', turns.reduce((s, c) => s + c.sent, 0) / content, 'one', turns[3]);
    const db = openClient().db('tests');
    let stored = 0;
    for (const name of ['sessions', 'segments'])
      for await (const d of db.collection(prefix + name).find()) stored += BSON.calculateObjectSize(d);
    console.log('stored/content', stored / content);
    for (const read of [{ last: 20 }, { last: 0 }, { last: 20, before: 1000 }, {}]) {
      commands();
      bytes();
      const r = await store.get('chat', read);
      console.log(JSON.stringify(read), r?.threads?.main?.length, commands(), bytes());
    }
  });
});
