import { memoryStore, type SessError, sess } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { allOf, echo, linesOf, storedSession } from './chat-samples.ts';
import { errorOf } from './samples.ts';

async function ownedSession() {
  const store = memoryStore();
  const ai = sess({ store, model: echo });
  const mine = await ai.openSession('mine', { owner: 'me', initialState: { secret: 1 } });
  await mine.send('private');
  const nobodys = await ai.openSession('nobodys');
  await nobodys.send('free');
  return { store, ai, before: await store.get('mine') };
}

describe('with owner, a session of another owner, or of none, is absent', () => {
  test.each(['mine', 'nobodys'])('to loadSession, openSession and createSession: %s', async (id) => {
    const { ai } = await ownedSession();
    await errorOf(() => ai.loadSession(id, { owner: 'you' }), 'NOT_FOUND');
    await errorOf(() => ai.openSession(id, { owner: 'you' }), 'NOT_FOUND');
    await errorOf(() => ai.createSession({ sessionId: id, owner: 'you' }).load(), 'NOT_FOUND');
  });

  test('to everything that a Session object can do', async () => {
    const { ai, store, before } = await ownedSession();
    const yours = () => ai.createSession({ sessionId: 'mine', owner: 'you' });
    const deeds = [
      () => yours().send('hi'),
      () => yours().chat().append([]),
      () => yours().chat().truncate(0),
      () => yours().chat().load(),
      () => yours().chat().openTurn(),
      () => yours().chat().discard(),
      () => yours().chat().resume(),
      () => yours().updateState({ stolen: true }),
      () => yours().setMetadata({ title: 'stolen' }),
      () => yours().keepAlive(),
      () => yours().history(),
      () => yours().reset(),
      () => yours().fork(),
    ];
    for (const deed of deeds) await errorOf(deed, 'NOT_FOUND');
    expect(await yours().delete()).toBe(false);
    expect(await store.get('mine')).toEqual(before);
  });

  test('to info, delete, list and page', async () => {
    const { ai, store } = await ownedSession();
    expect(await ai.sessions.info('mine', { owner: 'you' })).toBeUndefined();
    expect(await ai.sessions.info('nobodys', { owner: 'you' })).toBeUndefined();
    expect(await ai.sessions.delete('mine', { owner: 'you' })).toBe(false);
    expect(await ai.sessions.delete('nobodys', { owner: 'you' })).toBe(false);
    expect((await ai.sessions.page({ owner: 'you' })).sessions).toEqual([]);
    expect((await allOf(ai.sessions.list({ owner: 'me' }))).map(({ id }) => id)).toEqual(['mine']);
    expect(await store.get('mine')).toBeDefined();
  });

  test('the error is the one of a session that is not there: it does not tell them apart', async () => {
    const { ai } = await ownedSession();
    const messageOf = async (id: string) =>
      (await errorOf(() => ai.loadSession(id, { owner: 'you' }), 'NOT_FOUND')).message.replace(id, 'ID');
    expect(await messageOf('mine')).toBe(await messageOf('absent'));
  });

  test('also where the session was deleted, and created again by its next owner, since it was read', async () => {
    const { ai } = await ownedSession();
    const mine = await ai.loadSession('mine', { owner: 'me' });
    await ai.sessions.delete('mine');
    const yours = await ai.openSession('mine', { owner: 'you' });
    await yours.send('private too');
    for (const deed of [() => mine.history(), () => mine.fork(), () => mine.send('hi'), () => mine.delete()]) {
      const error: SessError = await deed().then(
        () => undefined as never,
        (thrown) => thrown,
      );
      expect(['NOT_FOUND', 'CONFLICT']).toContain(error.code);
    }
    expect(linesOf(await yours.history())).toEqual(['user: private too', 'model: re: private too']);
  });
});

describe('the owner', () => {
  test('gets in everywhere', async () => {
    const { ai } = await ownedSession();
    const mine = await ai.loadSession('mine', { owner: 'me' });
    expect(mine.owner).toBe('me');
    expect((await ai.openSession('mine', { owner: 'me' })).state).toEqual({ secret: 1 });
    expect(await mine.history()).toHaveLength(2);
    expect((await mine.fork()).owner).toBe('me');
    expect(await ai.sessions.info('mine', { owner: 'me' })).toMatchObject({ id: 'mine', owner: 'me' });
    expect(await ai.sessions.delete('mine', { owner: 'me' })).toBe(true);
  });

  test('is set where the session is created, by two at once only once', async () => {
    const store = memoryStore();
    const open = (owner: string) => sess({ store }).openSession('one', { owner });
    const outcomes = await Promise.allSettled([open('me'), open('you')]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is not asked for where none is named: trusted code', async () => {
    const { ai } = await ownedSession();
    expect((await ai.loadSession('mine')).owner).toBe('me');
    expect((await allOf(ai.sessions.list())).map(({ id }) => id).sort()).toEqual(['mine', 'nobodys']);
  });

  test.each([{ $ne: 'x' }, '', 7, null, ['me'], 'x'.repeat(513)])(
    'follows the rules of ids: %j is refused',
    async (wrong) => {
      const { store } = await storedSession();
      const ai = sess({ store });
      const owner = wrong as never;
      expect(() => ai.createSession({ owner })).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
      await errorOf(() => ai.loadSession('mine', { owner }), 'INVALID_ID');
      await errorOf(() => ai.openSession('mine', { owner }), 'INVALID_ID');
      await errorOf(() => ai.sessions.info('mine', { owner }), 'INVALID_ID');
      await errorOf(() => ai.sessions.delete('mine', { owner }), 'INVALID_ID');
      await errorOf(() => ai.sessions.page({ owner }), 'INVALID_ID');
    },
  );
});
