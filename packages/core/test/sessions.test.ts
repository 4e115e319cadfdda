import { memoryStore, SessError, type SessionPage, sess } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { allOf, echo, OtherProcess } from './chat-samples.ts';
import { errorOf } from './samples.ts';

async function withSessions(count: number) {
  let now = 1_000_000;
  const store = memoryStore({ clock: () => now });
  const ai = sess({ store, model: echo });
  for (let index = 0; index < count; index += 1) {
    now += 1;
    await ai.openSession(`s${index}`, { metadata: { title: `${index}` } });
  }
  const touch = async (id: string) => {
    now += 1;
    await (await ai.loadSession(id)).send('hi');
  };
  return { store, ai, touch };
}

const idsOf = async (sessions: AsyncIterable<{ id: string }>) => (await allOf(sessions)).map(({ id }) => id);

describe('sessions.list', () => {
  test('gives all, newest first by last activity or by creation, page by page', async () => {
    const { ai, touch } = await withSessions(5);
    await touch('s1');
    expect(await idsOf(ai.sessions.list({ limit: 2 }))).toEqual(['s1', 's4', 's3', 's2', 's0']);
    expect(await idsOf(ai.sessions.list({ limit: 2, orderBy: 'createdAt' }))).toEqual(['s4', 's3', 's2', 's1', 's0']);
  });

  test('tells id, metadata, lengths and times, and reads no messages', async () => {
    const { store, touch } = await withSessions(1);
    await touch('s0');
    const watched = new OtherProcess(store);
    const [info] = await allOf(sess({ store: watched }).sessions.list());
    expect(info).toEqual({
      id: 's0',
      metadata: { title: '0' },
      lengths: { main: 2 },
      createdAt: 1_000_001,
      updatedAt: 1_000_002,
    });
    expect(watched.reads).toEqual([]);
  });

  test('lists more than the limit of one page: no more than 100 are ever left out', async () => {
    const { ai } = await withSessions(230);
    expect(new Set(await idsOf(ai.sessions.list())).size).toBe(230);
  });

  test('may be left early', async () => {
    const { ai } = await withSessions(5);
    for await (const { id } of ai.sessions.list({ limit: 1 })) {
      expect(id).toBe('s4');
      break;
    }
  });

  test('throws what the store throws: an error is not an empty list', async () => {
    const { ai, store } = await withSessions(1);
    await store.close();
    await errorOf(() => idsOf(ai.sessions.list()), 'CLOSED');
  });

  test('tells of sessions that cannot be read; without a listener, it throws after all others', async () => {
    const { store } = await withSessions(2);
    const error = new SessError('CORRUPT', 'The file is damaged.', { sessionId: 'bad' });
    const watched = new OtherProcess(store);
    watched.list = async (query): Promise<SessionPage> => ({
      ...(await store.list(query)),
      unreadable: [{ id: 'bad', error }],
    });
    const { sessions } = sess({ store: watched });
    const unreadable: unknown[] = [];
    expect(await idsOf(sessions.list({ onUnreadable: (one) => unreadable.push(one) }))).toEqual(['s1', 's0']);
    expect(unreadable).toEqual([{ id: 'bad', error }]);
    const seen: string[] = [];
    const reading = async () => {
      for await (const { id } of sessions.list()) seen.push(id);
    };
    expect(await errorOf(reading, 'CORRUPT')).toBe(error);
    expect(seen).toEqual(['s1', 's0']);
  });

  test('of a store that cannot list is UNSUPPORTED', async () => {
    const store = { get: async () => undefined, save: async () => {} };
    await errorOf(() => idsOf(sess({ store }).sessions.list()), 'UNSUPPORTED');
  });
});

describe('sessions.page', () => {
  test('gives a page, and a cursor where there is more', async () => {
    const { ai } = await withSessions(3);
    const first = await ai.sessions.page({ limit: 2 });
    expect(first.sessions.map(({ id }) => id)).toEqual(['s2', 's1']);
    const second = await ai.sessions.page({ limit: 2, cursor: first.cursor as string });
    expect(second.sessions.map(({ id }) => id)).toEqual(['s0']);
    expect(second.cursor).toBeUndefined();
    await errorOf(() => ai.sessions.page({ limit: 0 }), 'INVALID_ARGUMENT');
  });
});

describe('sessions.info and sessions.delete', () => {
  test('info tells of one session without reading its messages; undefined where there is none', async () => {
    const { store, touch } = await withSessions(1);
    await touch('s0');
    const watched = new OtherProcess(store);
    const { sessions } = sess({ store: watched });
    expect(await sessions.info('s0')).toMatchObject({ id: 's0', lengths: { main: 2 }, metadata: { title: '0' } });
    expect(watched.reads).toEqual([{ last: 0 }]);
    expect(await sessions.info('none')).toBeUndefined();
    await errorOf(() => sessions.info(''), 'INVALID_ID');
  });

  test('delete tells whether there was one', async () => {
    const { ai, store } = await withSessions(1);
    expect(await ai.sessions.delete('s0')).toBe(true);
    expect(await store.get('s0')).toBeUndefined();
    expect(await ai.sessions.delete('s0')).toBe(false);
    await errorOf(() => ai.sessions.delete({ $ne: 1 } as never), 'INVALID_ID');
  });
});
