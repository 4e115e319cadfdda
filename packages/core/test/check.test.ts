import { memoryStore, type SessionChange } from '@sess/core';
import { describe, expect, test } from 'vitest';
import { errorOf, user } from './samples.ts';

const creation: SessionChange = {
  changeId: 'c1',
  life: null,
  threads: { main: { base: null, keep: 0, append: [user('one')] } },
};

/** A change of a session that is there, with something wrong in it. */
function broken(parts: Record<string, unknown>): SessionChange {
  return { changeId: 'c2', life: 'c1', ...parts } as SessionChange;
}

const thread = (parts: Record<string, unknown>) =>
  broken({ threads: { main: { base: 'c1', keep: 1, append: [], ...parts } } });

async function storeWithSession() {
  const store = memoryStore({ sweepIntervalMs: false });
  await store.commit('a', creation);
  return store;
}

describe('a change', () => {
  test.each<[string, unknown, string]>([
    ['is no object', 'c2', 'change must'],
    ['is null', null, 'change must'],
    ['is an array', [], 'change must'],
    ['has a state that is no object', broken({ state: 1 }), 'change.state'],
    ['has threads that are an array', broken({ threads: [] }), 'change.threads'],
    ['has a thread that is no object', broken({ threads: { main: 1 } }), 'change.threads.main'],
    ['keeps less than none', thread({ keep: -1 }), 'change.threads.main.keep'],
    ['keeps a part of a message', thread({ keep: 0.5 }), 'change.threads.main.keep'],
    ['keeps NaN', thread({ keep: Number.NaN }), 'change.threads.main.keep'],
    ['keeps too many', thread({ keep: 2 ** 53 }), 'change.threads.main.keep'],
    ['keeps a text', thread({ keep: '1' }), 'change.threads.main.keep'],
    ['keeps nothing that is said', thread({ keep: undefined }), 'change.threads.main.keep'],
    ['appends nothing that is said', thread({ append: undefined }), 'change.threads.main.append'],
    ['appends an object', thread({ append: {} }), 'change.threads.main.append'],
    ['appends a text', thread({ append: ['text'] }), 'change.threads.main.append[0]'],
    ['appends null', thread({ append: [null] }), 'change.threads.main.append[0]'],
    ['appends a hole', thread({ append: new Array(1) }), 'change.threads.main.append[0]'],
    ['appends an array', thread({ append: [[]] }), 'change.threads.main.append[0]'],
    ['opens a text', thread({ turn: 't1' }), 'change.threads.main.turn'],
    ['opens a turn without a beat', thread({ turn: { id: 't1', at: 1, leaseMs: 1 } }), 'change.threads.main.turn.beat'],
    ['has metadata that is an array', broken({ metadata: [] }), 'change.metadata'],
    ['has metadata null', broken({ metadata: null }), 'change.metadata'],
    ['has holds that are a text', broken({ holds: 't1' }), 'change.holds'],
    ['has seen a text', broken({ seen: '1' }), 'change.seen'],
    ['has an owner without being a creation', broken({ owner: 'user-7' }), 'change.life'],
  ])('that %s is refused with INVALID_ARGUMENT, and changes nothing', async (_, change, place) => {
    const store = await storeWithSession();
    const before = await store.get('a');
    const error = await errorOf(() => store.commit('a', change as SessionChange), 'INVALID_ARGUMENT');
    expect(error.message).toContain(place);
    expect(error.sessionId).toBe('a');
    expect(await store.get('a')).toEqual(before);
  });

  test.each<[string, Record<string, unknown>]>([
    ['change id', { changeId: undefined }],
    ['change id', { changeId: '' }],
    ['life', { life: undefined }],
    ['life', { life: { $ne: null } }],
    ['base of a state', { state: { value: 1 } }],
    ['base of a state', { state: { base: 1, value: 1 } }],
    ['base of a thread', { threads: { main: { keep: 1, append: [] } } }],
    ['thread name', { threads: { '': { base: null, keep: 0, append: [] } } }],
    ['thread name', { threads: { '\ud800': { base: null, keep: 0, append: [] } } }],
    ['thread name', { threads: { ['x'.repeat(513)]: { base: null, keep: 0, append: [] } } }],
    [
      'turn id',
      { threads: { main: { base: 'c1', keep: 1, append: [], turn: { id: '', at: 1, leaseMs: 1, beat: 0 } } } },
    ],
    ['hold', { holds: { main: { $ne: '' } } }],
    ['thread name of a hold', { holds: { '': 't1' } }],
    ['owner', { life: null, owner: { $ne: '' } }],
    ['owner', { life: null, owner: '' }],
    ['owner', { life: null, owner: null }],
  ])('with an invalid %s is refused with INVALID_ID', async (_, parts) => {
    const store = await storeWithSession();
    const before = await store.get('a');
    await errorOf(() => store.commit('a', broken(parts)), 'INVALID_ID');
    expect(await store.get('a')).toEqual(before);
  });

  test.each<[string, Record<string, unknown>, string]>([
    ['state', { state: { base: null, value: { cart: [{ price: Number.NaN }] } } }, 'change.state.value.cart[0].price'],
    ['message', { threads: { main: { base: 'c1', keep: 1, append: [user('a\ud800')] } } }, 'append[0].content[0].text'],
    ['metadata', { metadata: { tags: new Set() } }, 'change.metadata.tags'],
  ])('with a %s that is no JSON is refused with NOT_SERIALIZABLE and the path', async (_, parts, path) => {
    const store = await storeWithSession();
    const error = await errorOf(() => store.commit('a', broken(parts)), 'NOT_SERIALIZABLE');
    expect(error.message).toContain(path);
  });

  test('may have undefined for what is absent, and properties that nobody knows', async () => {
    const store = await storeWithSession();
    const change = broken({
      state: undefined,
      metadata: undefined,
      owner: undefined,
      holds: undefined,
      seen: undefined,
      retry: undefined,
      unknown: () => 1,
      threads: { main: { base: 'c1', keep: 1, append: [], turn: undefined, unknown: 1n } },
    });
    await store.commit('a', change);
    expect((await store.get('a'))?.versions).toEqual({ state: null, threads: { main: 'c2' } });
  });

  test('may be inherited from a class, and have no prototype', async () => {
    const store = await storeWithSession();
    await store.commit('a', Object.assign(Object.create(null), broken({})));
    expect((await store.get('a'))?.changes).toBe(2);
  });
});

describe('saved data', () => {
  test.each<[unknown, string]>([
    [undefined, 'data must'],
    [null, 'data must'],
    ['text', 'data must'],
    [[], 'data must'],
    [{ threads: [] }, 'data.threads'],
    [{ threads: { main: {} } }, 'data.threads.main'],
    [{ threads: { main: ['text'] } }, 'data.threads.main[0]'],
    [{ metadata: [] }, 'data.metadata'],
    [{ threads: {}, partial: { offsets: {} } }, 'data.partial'],
  ])('%j is refused with INVALID_ARGUMENT, and changes nothing', async (data, place) => {
    const store = await storeWithSession();
    const before = await store.get('a');
    const error = await errorOf(() => store.save('a', data as never), 'INVALID_ARGUMENT');
    expect(error.message).toContain(place);
    expect(await store.get('a')).toEqual(before);
  });

  test('that was read in part is refused, however little is missing', async () => {
    const store = await storeWithSession();
    for (const read of [{ last: 0 }, { last: 99 }, { threads: ['main'] }, { before: 99 }]) {
      const record = await store.get('a', read);
      await errorOf(() => store.save('a', record ?? {}), 'INVALID_ARGUMENT');
    }
  });

  test('is what get answered: its bookkeeping is ignored, whatever was written meanwhile', async () => {
    const store = await storeWithSession();
    const record = await store.get('a');
    await store.commit('a', broken({ threads: { main: { base: 'c1', keep: 1, append: [user('two')] } } }));
    await store.save('a', record ?? {});
    const after = await store.get('a');
    expect(after?.threads).toEqual({ main: [user('one')] });
    expect(after).toMatchObject({ life: 'c1', changes: 3 });
    expect(['c1', 'c2']).not.toContain(after?.versions.threads.main);
  });

  test('may be empty', async () => {
    const store = await storeWithSession();
    await store.save('a', {});
    expect(await store.get('a')).toMatchObject({ threads: {}, versions: { state: null, threads: {} } });
  });
});

describe('a read', () => {
  test.each<unknown>([
    null,
    'text',
    { last: -1 },
    { last: 1.5 },
    { last: '1' },
    { last: null },
    { before: -1 },
    { before: Number.NaN },
    { threads: 'main' },
    { threads: null },
  ])('%j is refused with INVALID_ARGUMENT', async (read) => {
    const store = await storeWithSession();
    await errorOf(() => store.get('a', read as never), 'INVALID_ARGUMENT');
  });

  test.each<unknown>([{ threads: [''] }, { threads: [1] }, { threads: [undefined] }])(
    '%j is refused with INVALID_ID',
    async (read) => {
      const store = await storeWithSession();
      await errorOf(() => store.get('a', read as never), 'INVALID_ID');
    },
  );
});

describe('a query', () => {
  test.each<unknown>([
    null,
    'text',
    { limit: 0 },
    { limit: -1 },
    { limit: 1.5 },
    { limit: Number.POSITIVE_INFINITY },
    { limit: '1' },
    { limit: null },
    { cursor: 1 },
    { cursor: 'foreign' },
    { orderBy: 'title' },
    { orderBy: null },
    { orderBy: '__proto__' },
  ])('%j is refused with INVALID_ARGUMENT', async (query) => {
    const store = await storeWithSession();
    await errorOf(() => store.list(query as never), 'INVALID_ARGUMENT');
  });

  test.each<unknown>([{ owner: '' }, { owner: 1 }, { owner: null }, { owner: { $ne: '' } }])(
    '%j is refused with INVALID_ID',
    async (query) => {
      const store = await storeWithSession();
      await errorOf(() => store.list(query as never), 'INVALID_ID');
    },
  );

  test('has 100 sessions by default, newest activity first', async () => {
    let now = 0;
    const store = memoryStore({ sweepIntervalMs: false, clock: () => now });
    for (; now <= 100; now++) await store.commit(`session ${now}`, creation);
    await store.commit('session 5', broken({ metadata: { title: 'Trip' } }));
    const page = await store.list();
    expect(page.sessions).toHaveLength(100);
    expect(page.sessions.slice(0, 2).map(({ id }) => id)).toEqual(['session 5', 'session 100']);
    expect((await store.list({ cursor: page.cursor as string })).sessions.map(({ id }) => id)).toEqual(['session 0']);
  });
});

describe('a ttl', () => {
  test.each<unknown>([
    0,
    -1,
    -0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    null,
    '1000',
    5n,
    {},
    true,
  ])('of %s is refused with INVALID_ARGUMENT', async (ttl) => {
    await errorOf(() => memoryStore({ ttl: ttl as never, sweepIntervalMs: false }), 'INVALID_ARGUMENT');
  });
});

describe('errors', () => {
  const secret = 'hunter2';

  test.each<[string, SessionChange]>([
    ['conflict', thread({ base: 'c0', append: [user(secret)] })],
    ['keep beyond the end', thread({ keep: 9, append: [user(secret)] })],
    ['message that is a text', thread({ append: [secret] })],
    ['message that is no JSON', thread({ append: [user(`${secret}\ud800`)] })],
    ['state in conflict', broken({ state: { base: 'c0', value: { password: secret } } })],
    ['state that is no JSON', broken({ state: { base: null, value: { password: Symbol(secret) } } })],
    ['metadata that is a text', broken({ metadata: secret })],
    ['base that is an object', thread({ base: { secret } })],
    ['turn that is a text', thread({ turn: secret })],
    ['second creation', { ...creation, changeId: 'c2', state: { base: null, value: secret } }],
    ['change of nothing', { ...thread({ append: [user(secret)] }), life: 'c0' }],
  ])('hold no content: %s', async (_, change) => {
    const store = await storeWithSession();
    const error = await store.commit('a', change).then(
      () => undefined,
      (reason: Error) => reason,
    );
    expect(error).toBeDefined();
    expect(error?.message).not.toContain(secret);
    expect(JSON.stringify({ ...error })).not.toContain(secret);
  });
});
