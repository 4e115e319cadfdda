import type { MessageData } from '@sess/core/store';
import { afterAll, expect, test } from 'vitest';
import { onDynamodb } from './support/on-dynamodb.ts';
import { openStore } from './support/open-store.ts';
import { changeOfMain, creation, errorOf, user, users } from './support/samples.ts';

const MB = 1_000_000;

onDynamodb('large sessions', () => {
  const { store, close } = openStore();
  afterAll(close);

  test('20,000 messages and 20 MB', { timeout: 120_000 }, async () => {
    const all: MessageData[] = Array.from({ length: 20_000 }, (_, index) => user(`m${index} ${'x'.repeat(950)}`));
    await store.commit('a', creation('c0'));
    for (let from = 0, base = 'c0'; from < all.length; from += 1_000) {
      const threads = { main: { base, keep: from, append: all.slice(from, from + 1_000) } };
      await store.commit('a', { changeId: `k${from}`, life: 'c0', threads });
      base = `k${from}`;
    }
    const record = await store.get('a');
    expect(record?.threads?.main?.length).toBe(20_000);
    expect(
      record?.threads?.main?.every(({ content }, index) => content[0]?.text === all[index]?.content[0]?.text),
    ).toBe(true);
    expect((await store.get('a', { last: 3 }))?.threads?.main).toEqual(all.slice(-3));
    expect(await store.delete('a')).toBe(true);
  });

  test.each([1 * MB, 4 * MB])('a message of %i bytes, of characters of all sizes', async (length) => {
    const text = 'aé€\u{1f600}'.repeat(length / 10);
    await store.commit(`b${length}`, creation('c1', [user('before'), user(text), user('after')]));
    const change = await changeOfMain(store, `b${length}`, 'c2', { append: [user(text)] });
    await store.commit(`b${length}`, change);
    const texts = (await store.get(`b${length}`))?.threads?.main?.map(({ content }) => content[0]?.text);
    expect(texts?.map((it) => it?.length)).toEqual([6, text.length, 5, text.length]);
    expect(texts?.[1] === text && texts[3] === text).toBe(true);
  });

  test('a change of 250 messages', async () => {
    await store.commit('c', creation('c1', users(250)));
    expect((await store.get('c'))?.threads?.main).toEqual(users(250));
  });

  test('more threads and metadata than a header holds are refused before anything is written', async () => {
    await store.commit('d', creation('c1', users(2)));
    const before = await store.get('d');
    const metadata = { notes: 'x'.repeat(400_000) };
    expect(await errorOf(store.commit('d', { changeId: 'c2', life: 'c1', metadata }))).toMatchObject({
      code: 'TOO_LARGE',
      sessionId: 'd',
    });
    const threads = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, index) => [`thread ${index}`, { base: null, keep: 0, append: [] }]),
    );
    expect(await errorOf(store.commit('d', { changeId: 'c3', life: 'c1', threads }))).toMatchObject({
      code: 'TOO_LARGE',
    });
    expect(
      await errorOf(store.save('d', Object.assign({ threads: { main: users(200) } }, { metadata }))),
    ).toMatchObject({
      code: 'TOO_LARGE',
    });
    expect(await store.get('d')).toEqual(before);
    const fitting = { notes: 'x'.repeat(350_000) };
    await store.commit('d', { changeId: 'c4', life: 'c1', metadata: fitting });
    expect((await store.get('d'))?.metadata).toEqual(fitting);
  });
});
