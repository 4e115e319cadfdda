import { append, appending, message, rejection, settingState, textsOf } from '@sess/store-tests/session';
import { expect, test } from 'vitest';
import { collectionsOf } from './support/collections.ts';
import { freshPrefix, openCounted, openStore } from './support/open-store.ts';
import { onServer } from './support/server.ts';

const KB = 1024;
const MB = 1024 * KB;

onServer('sizes', () => {
  test('a session of 20 MB and 20,000 messages is read back whole, and by windows', { timeout: 120_000 }, async () => {
    const { store, commands } = await openCounted({ prefix: freshPrefix() });
    for (let from = 0; from < 20_000; from += 500) {
      await append(
        store,
        'a',
        Array.from({ length: 500 }, (_, index) => message(`m${from + index}`, 1_020)),
      );
    }
    const all = Array.from({ length: 20_000 }, (_, index) => `m${index}`);
    const record = await store.get('a');
    expect(textsOf(record)).toEqual(all);
    expect(JSON.stringify(record).length).toBeGreaterThan(20 * MB);
    for (const before of [20_000, 12_345, 17]) {
      commands();
      const page = await store.get('a', { last: 20, before });
      expect(textsOf(page)).toEqual(all.slice(Math.max(0, before - 20), before));
      expect(commands().length).toBeLessThanOrEqual(2);
    }
  });

  test('a message of 1 MB, and a commit of 250 messages', async () => {
    const { store, commands } = await openCounted({ prefix: freshPrefix() });
    await append(store, 'a', [message('before')]);
    const change = appending(await store.get('a'), [message('large', MB)]);
    commands();
    await store.commit('a', change);
    expect(commands().length).toBeLessThanOrEqual(4);
    const many = Array.from({ length: 250 }, (_, index) => message(`m${index}`, 2_000));
    const next = appending(await store.get('a'), many);
    commands();
    await store.commit('a', next);
    expect(commands().length).toBeLessThanOrEqual(4);
    await append(store, 'a', [message('after')]);
    expect(textsOf(await store.get('a'))).toEqual(['before', 'large', ...many.map((_, index) => `m${index}`), 'after']);
  });

  test('what is too large is refused before anything is written', async () => {
    const prefix = freshPrefix();
    const { sessions, segments } = collectionsOf(prefix);
    const { store, commands } = await openCounted({ prefix });
    await append(store, 'a', [message('fine')]);
    const record = await store.get('a');
    const text = 'x'.repeat(16 * MB);
    commands();
    for (const change of [
      appending(record, [message('fine'), message(text)]),
      settingState(record, text),
      { changeId: 'c9', life: record?.life ?? null, metadata: { text } },
    ]) {
      expect(await rejection(store.commit('a', change))).toMatchObject({ code: 'TOO_LARGE', sessionId: 'a' });
      expect(await rejection(store.commit('b', { ...change, life: null }))).toMatchObject({ code: 'TOO_LARGE' });
    }
    expect(await rejection(store.save('a', { state: text }))).toMatchObject({ code: 'TOO_LARGE' });
    expect(commands()).toEqual([]);
    expect(await store.get('a')).toEqual(record);
    expect([await sessions.countDocuments(), await segments.countDocuments()]).toEqual([1, 0]);
  });

  test('metadata that fills the document up is TOO_LARGE in the end, and the session goes on without it', async () => {
    const store = openStore({ prefix: freshPrefix() });
    await append(store, 'a', [message('one')]);
    const life = (await store.get('a'))?.life ?? null;
    const value = 'x'.repeat(6 * MB);
    for (const key of ['a', 'b']) await store.commit('a', { changeId: key, life, metadata: { [key]: value } });
    const error = await rejection(store.commit('a', { changeId: 'c', life, metadata: { c: value } }));
    expect(error).toMatchObject({ code: 'TOO_LARGE', retryable: false });
    expect(error.message).not.toContain('xxx');
    await store.commit('a', { changeId: 'd', life, metadata: { a: null } });
    await append(store, 'a', [message('two')]);
    expect(Object.keys((await store.get('a'))?.metadata ?? {})).toEqual(['b']);
  });

  test('a large state is kept apart, and is not written again with each message', async () => {
    const { store, bytes } = await openCounted({ prefix: freshPrefix() });
    const state = { text: '😀'.repeat(MB) };
    await store.commit('a', settingState(undefined, state));
    bytes();
    for (let index = 0; index < 20; index += 1) await append(store, 'a', [message(`m${index}`, 1_000)]);
    expect(bytes().sent).toBeLessThan(100_000);
    expect((await store.get('a'))?.state).toEqual(state);
    await store.commit('a', settingState(await store.get('a', { last: 0 }), { small: true }));
    expect((await store.get('a'))?.state).toEqual({ small: true });
  });
});
