import {
  fullStore,
  memoryStore,
  type SessError,
  type SessionChange,
  type SessionData,
  type SessionStore,
} from '@sess/core';
import { describe, expect, test } from 'vitest';
import { errorOf, frozen, gate, textsOf, user } from './samples.ts';

type Saved = Omit<SessionData, 'id'>;

/** A store as Genkit's users write it: a literal over something that keeps text. */
function literal(rows: Map<string, string> = new Map()): SessionStore {
  return {
    get: async (id) => {
      const row = rows.get(id);
      return row === undefined ? undefined : JSON.parse(row);
    },
    save: async (id, data) => void rows.set(id, JSON.stringify(data)),
  };
}

/** One that keeps only the keys that it knows, in columns. */
function columns(rows: Map<string, { state?: string; threads?: string }> = new Map()): SessionStore {
  return {
    get: async (id) => {
      const row = rows.get(id);
      if (row === undefined) return undefined;
      const { state = 'null', threads = 'null' } = row;
      return { id, state: JSON.parse(state), threads: JSON.parse(threads) };
    },
    save: async (id, { state, threads }) => {
      rows.set(id, {
        ...(state !== undefined && { state: JSON.stringify(state) }),
        ...(threads !== undefined && { threads: JSON.stringify(threads) }),
      });
    },
  };
}

class JsonTexts implements SessionStore {
  readonly #texts = new Map<string, string>();

  async get(sessionId: string): Promise<SessionData | undefined> {
    const text = this.#texts.get(sessionId);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async save(sessionId: string, data: Saved): Promise<void> {
    this.#texts.set(sessionId, JSON.stringify(data));
  }
}

/** As Postgres does with jsonb: properties in an order of its own. */
function reordering(): SessionStore {
  const inner = literal();
  const reordered = (value: unknown): unknown =>
    typeof value !== 'object' || value === null
      ? value
      : Array.isArray(value)
        ? value.map(reordered)
        : Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([key, item]) => [key, reordered(item)]),
          );
  return { get: async (id) => reordered(await inner.get(id)) as SessionData, save: inner.save };
}

const creation: SessionChange = {
  changeId: 'c1',
  life: null,
  state: { base: null, value: { mood: 'calm' } },
  threads: { main: { base: null, keep: 0, append: [user('one')] } },
};

function append(changeId: string, base: string | null, keep: number, text = changeId): SessionChange {
  return { changeId, life: 'c1', threads: { main: { base, keep, append: [user(text)] } } };
}

/** What Genkit does: it changes the object that it got, and saves it again. */
async function genkitAppends(store: SessionStore, got: SessionData | undefined, text: string, thread = 'main') {
  const data = got ?? { id: 'a' };
  data.threads = { ...data.threads, [thread]: [...(data.threads?.[thread] ?? []), user(text)] };
  await store.save('a', data);
}

describe('what is wrapped', () => {
  test('a full store is returned as it is', () => {
    const store = memoryStore();
    expect(fullStore(store)).toBe(store);
    const wrapper = fullStore(literal());
    expect(fullStore(wrapper)).toBe(wrapper);
  });

  test('one store has one wrapper, two stores have two', () => {
    const store = literal();
    expect(fullStore(store)).toBe(fullStore(store));
    expect(fullStore(literal())).not.toBe(fullStore(store));
  });

  test.each([undefined, null, 'redis://localhost', {}, { get: async () => undefined }, { get: 1, save: 1 }])(
    'refuses %j, which has no get and save',
    async (store) => {
      await errorOf(() => fullStore(store as never), 'INVALID_ARGUMENT');
    },
  );

  test('says what it can do', () => {
    expect(fullStore(literal()).supports).toEqual({
      specVersion: 1,
      commitCost: 'session',
      processes: 'one',
      ttl: false,
      list: false,
    });
  });

  test('what cannot be emulated is UNSUPPORTED, and changes nothing', async () => {
    const store = fullStore(literal());
    await store.commit('a', creation);
    expect((await errorOf(() => store.delete('a'), 'UNSUPPORTED')).sessionId).toBe('a');
    await errorOf(() => store.list(), 'UNSUPPORTED');
    expect(await store.get('a')).toBeDefined();
  });

  test('close waits for what is under way, and leaves the store open for another wrapper', async () => {
    const saving = gate();
    const { get, save } = literal();
    const user_ = { get, save: async (id: string, data: Saved) => saving.promise.then(() => save(id, data)) };
    const store = fullStore(user_);
    const commit = store.commit('a', creation);
    const order: string[] = [];
    const closing = store.close().then(() => order.push('closed'));
    commit.then(() => order.push('committed'));
    saving.open();
    await closing;
    expect(order).toEqual(['committed', 'closed']);
    await errorOf(() => store.get('a'), 'CLOSED');

    const next = fullStore(user_);
    expect(next).not.toBe(store);
    expect((await next.get('a'))?.life).toBe('c1');
  });
});

describe.each([
  ['a literal', () => literal()],
  ['a class', () => new JsonTexts()],
  ['a literal that reorders properties', reordering],
  ['a literal that keeps only the keys it knows', () => columns()],
])('commits over %s', (_name, open) => {
  test('what was committed is read back', async () => {
    const store = fullStore(open());
    expect(await store.get('a')).toBeUndefined();
    expect(await store.commit('a', creation)).toEqual({ changeId: 'c1' });
    const record = await store.get('a');
    expect(record).toMatchObject({
      id: 'a',
      life: 'c1',
      state: { mood: 'calm' },
      threads: { main: [user('one')] },
      versions: { state: 'c1', threads: { main: 'c1' } },
      lengths: { main: 1 },
      changes: 1,
    });
    expect(Object.keys(record ?? {})).not.toContain('recent');
    expect(Object.keys(record ?? {})).not.toContain('digests');
    expect(record?.createdAt).toBe(record?.updatedAt);
  });

  test('each change is the base of the next', async () => {
    const store = fullStore(open());
    await store.commit('a', creation);
    await store.commit('a', append('c2', 'c1', 1));
    await store.commit('a', {
      changeId: 'c3',
      life: 'c1',
      state: { base: 'c1', value: { mood: 'glad' } },
      threads: { side: { base: null, keep: 0, append: [user('aside')] } },
    });
    await store.commit('a', append('c4', 'c2', 2));
    const record = await store.get('a');
    expect(textsOf(record?.threads?.main)).toEqual(['one', 'c2', 'c4']);
    expect(record?.versions).toEqual({ state: 'c3', threads: { main: 'c4', side: 'c3' } });
    expect(record?.changes).toBe(4);
  });

  test('a stale base, another life and a second creation are refused, and nothing changes', async () => {
    const store = fullStore(open());
    await store.commit('a', creation);
    await store.commit('a', append('c2', 'c1', 1));
    const before = await store.get('a');

    const stale = await errorOf(() => store.commit('a', append('c3', 'c1', 1)), 'CONFLICT');
    expect(stale.parts).toEqual({ threads: { main: { version: 'c2', length: 2 } } });
    const other = await errorOf(() => store.commit('a', { ...append('c3', 'c2', 2), life: 'c0' }), 'CONFLICT');
    expect(other.parts).toEqual({ life: { version: 'c1' } });
    await errorOf(() => store.commit('a', { ...creation, changeId: 'c3' }), 'ALREADY_EXISTS');
    await errorOf(() => store.commit('b', append('c3', 'c1', 1)), 'NOT_FOUND');
    await errorOf(() => store.commit('a', append('c3', 'c2', 3)), 'INVALID_ARGUMENT');

    expect(await store.get('a')).toEqual(before);
  });

  test('a repeated change is applied once, also after others wrote', async () => {
    const store = fullStore(open());
    await store.commit('a', creation);
    await store.commit('a', append('c2', 'c1', 1));
    await store.commit('a', append('c3', 'c2', 2));
    const before = await store.get('a');
    for (const change of [creation, append('c2', 'c1', 1), append('c3', 'c2', 2)]) {
      expect(await store.commit('a', { ...change, retry: true })).toEqual({ changeId: change.changeId });
    }
    expect(await store.get('a')).toEqual(before);
  });

  test('a turn is opened, held, and closed', async () => {
    const store = fullStore(open());
    const turn = { id: 't1', at: 5, leaseMs: 100, beat: 0 };
    await store.commit('a', { ...creation, threads: { main: { base: null, keep: 0, append: [user('one')], turn } } });
    await store.commit('a', { changeId: 'c2', life: 'c1', holds: { main: 't1' } });
    expect((await store.get('a'))?.openTurns).toEqual({ main: { ...turn, beat: 1 } });
    expect((await store.get('a'))?.versions.threads).toEqual({ main: 'c1' });

    const lost = await errorOf(
      () => store.commit('a', { changeId: 'c3', life: 'c1', holds: { main: 't0' } }),
      'CONFLICT',
    );
    expect(lost.parts).toEqual({ threads: { main: { version: 'c1', length: 1 } } });

    const close = append('c4', 'c1', 1);
    await store.commit('a', {
      ...close,
      threads: { main: { base: 'c1', keep: 1, append: [user('two')], turn: null } },
      holds: { main: 't1' },
    });
    expect(await store.get('a')).not.toHaveProperty('openTurns');
  });

  test('metadata is merged, and does not touch versions', async () => {
    const store = fullStore(open());
    await store.commit('a', { ...creation, metadata: { title: 'Trip', label: 1 } });
    await store.commit('a', { changeId: 'c2', life: 'c1', metadata: { label: null, color: 'red' } });
    const record = await store.get('a');
    expect(record?.metadata).toEqual({ title: 'Trip', color: 'red' });
    expect(record?.versions.threads).toEqual({ main: 'c1' });
  });

  test('of concurrent changes on one base one lands; on different parts all do', async () => {
    const store = open();
    await fullStore(store).commit('a', creation);
    const rivals = await Promise.allSettled(
      ['r1', 'r2', 'r3', 'r4'].map((id) => fullStore(store).commit('a', append(id, 'c1', 1))),
    );
    const refused = rivals.flatMap((result) => (result.status === 'rejected' ? [result.reason as SessError] : []));
    expect(refused.map(({ code }) => code)).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT']);
    expect((await fullStore(store).get('a'))?.lengths).toEqual({ main: 2 });

    const names = Array.from({ length: 20 }, (_, index) => `thread ${index}`);
    await Promise.all(
      names.map((name) =>
        fullStore(store).commit('a', {
          changeId: `change of ${name}`,
          life: 'c1',
          threads: { [name]: { base: null, keep: 0, append: [user(name)] } },
        }),
      ),
    );
    const record = await fullStore(store).get('a');
    expect(names.map((name) => textsOf(record?.threads?.[name]))).toEqual(names.map((name) => [name]));
  });

  test('a thread may be called __proto__, constructor or anything else', async () => {
    const store = fullStore(open());
    await store.commit('a', creation);
    for (const name of ['__proto__', 'constructor', 'a.b', '$set', '../x']) {
      const thread = (base: string | null, keep: number) =>
        Object.fromEntries([[name, { base, keep, append: [user(name)] }]]);
      await store.commit('a', { changeId: `first ${name}`, life: 'c1', threads: thread(null, 0) });
      await store.commit('a', { changeId: `second ${name}`, life: 'c1', threads: thread(`first ${name}`, 1) });
      const record = await store.get('a');
      expect(Object.entries(record?.threads ?? {}).find(([key]) => key === name)?.[1]).toHaveLength(2);
      expect(Object.entries(record?.versions.threads ?? {})).toContainEqual([name, `second ${name}`]);
    }
  });

  test('a part is read', async () => {
    const store = fullStore(open());
    const messages = ['one', 'two', 'three', 'four'].map(user);
    await store.commit('a', {
      ...creation,
      threads: {
        main: { base: null, keep: 0, append: messages },
        side: { base: null, keep: 0, append: [user('aside')] },
      },
    });
    const newest = await store.get('a', { last: 2 });
    expect(newest?.threads).toEqual({ main: messages.slice(2), side: [user('aside')] });
    expect(newest?.partial).toEqual({ offsets: { main: 2, side: 0 } });
    expect(newest?.lengths).toEqual({ main: 4, side: 1 });
    expect((await store.get('a', { threads: ['main'], before: 1 }))?.threads).toEqual({ main: messages.slice(0, 1) });
  });

  test('save replaces everything, keeps the life, and no base from before passes', async () => {
    const store = fullStore(open());
    const turn = { id: 't1', at: 5, leaseMs: 100, beat: 0 };
    await store.commit('a', {
      ...creation,
      metadata: { title: 'Trip' },
      threads: { main: { base: null, keep: 0, append: [user('one')], turn } },
    });
    await store.save('a', { threads: { main: [user('one')] } });
    const record = await store.get('a');
    expect(record).toMatchObject({ life: 'c1', metadata: { title: 'Trip' }, versions: { state: null } });
    expect(record).not.toHaveProperty('openTurns');
    await errorOf(() => store.commit('a', append('c2', 'c1', 1)), 'CONFLICT');
    await store.commit('a', append('c2', record?.versions.threads.main ?? '', 1));
  });
});

describe('owners', () => {
  test('an owner is kept with the data', async () => {
    const rows = new Map<string, string>();
    await fullStore(literal(rows)).commit('a', { ...creation, owner: 'user-7' });
    const reopened = fullStore(literal(rows));
    await reopened.save('a', { threads: {} });
    expect((await reopened.get('a'))?.owner).toBe('user-7');
  });

  test('an owner is UNSUPPORTED where the store drops what it does not know', async () => {
    const store = fullStore(columns());
    const error = await errorOf(() => store.commit('a', { ...creation, owner: 'user-7' }), 'UNSUPPORTED');
    expect(error.sessionId).toBe('a');
    expect((await store.get('a'))?.owner).toBeUndefined();
    await errorOf(() => store.commit('b', { ...creation, owner: 'user-7' }), 'UNSUPPORTED');
  });
});

describe('the bookkeeping', () => {
  test('travels in the saved data under one key, so that it survives the process', async () => {
    const rows = new Map<string, string>();
    await fullStore(literal(rows)).commit('a', { ...creation, metadata: { title: 'Trip' } });
    const before = await fullStore(literal(rows)).get('a');
    expect(Object.keys(JSON.parse(rows.get('a') ?? ''))).toEqual(['state', 'threads', 'sess']);

    const reopened = fullStore(literal(rows));
    expect(await reopened.get('a')).toEqual(before);
    await reopened.commit('a', { ...append('c2', 'c1', 1), retry: true });
    await reopened.commit('a', { ...creation, retry: true });
    expect((await reopened.get('a'))?.changes).toBe(2);
  });

  test('a state that was cleared has the version of the change that cleared it', async () => {
    const rows = new Map<string, string>();
    await fullStore(literal(rows)).commit('a', creation);
    await fullStore(literal(rows)).commit('a', {
      changeId: 'c2',
      life: 'c1',
      state: { base: 'c1', value: undefined },
    });
    const record = await fullStore(literal(rows)).get('a');
    expect(record).not.toHaveProperty('state');
    expect(record?.versions.state).toBe('c2');
  });

  test('is derived for data that Genkit wrote, and stays the same while that does', async () => {
    const rows = new Map<string, string>();
    await genkitAppends(literal(rows), undefined, 'one');
    const record = await fullStore(literal(rows)).get('a');
    expect(record).toMatchObject({
      threads: { main: [user('one')] },
      versions: { state: null, threads: { main: expect.any(String) } },
      lengths: { main: 1 },
      changes: 0,
      createdAt: 0,
      updatedAt: 0,
    });
    expect(await fullStore(literal(rows)).get('a')).toEqual(record);

    await genkitAppends(literal(rows), await literal(rows).get('a'), 'two');
    const later = await fullStore(literal(rows)).get('a');
    expect(later?.versions.threads.main).not.toBe(record?.versions.threads.main);
    const stale = await errorOf(
      () =>
        fullStore(literal(rows)).commit('a', {
          ...append('c1', record?.versions.threads.main ?? '', 1),
          life: record?.life ?? '',
        }),
      'CONFLICT',
    );
    expect(stale.parts).toBeDefined();
  });

  test('is derived of another life where Genkit created the session anew', async () => {
    const bare = literal();
    const store = fullStore(bare);
    await genkitAppends(bare, undefined, 'one');
    const { life = '' } = (await store.get('a')) ?? {};
    await genkitAppends(bare, undefined, 'another one');
    const change = { changeId: 'c1', life, threads: { side: { base: null, keep: 0, append: [] } } };
    const stale = await errorOf(() => store.commit('a', change), 'CONFLICT');
    expect(stale.parts).toEqual({ life: { version: expect.any(String) } });
  });

  test('is written along with the first change of data that Genkit wrote', async () => {
    const rows = new Map<string, string>();
    await genkitAppends(literal(rows), undefined, 'one');
    const store = fullStore(literal(rows));
    const { life = '', versions } = (await store.get('a')) ?? {};
    await store.commit('a', { ...append('c1', versions?.threads.main ?? '', 1), life });
    await store.commit('a', { ...append('c2', 'c1', 2), life });
    const record = await fullStore(literal(rows)).get('a');
    expect(textsOf(record?.threads?.main)).toEqual(['one', 'c1', 'c2']);
    expect(record).toMatchObject({ life, versions: { threads: { main: 'c2' } }, changes: 2 });
  });

  test('of a thread that Genkit saved over is not believed, that of the others is', async () => {
    const bare = literal();
    const store = fullStore(bare);
    const turn = { id: 't1', at: 5, leaseMs: 100, beat: 0 };
    await store.commit('a', {
      ...creation,
      metadata: { title: 'Trip' },
      threads: {
        main: { base: null, keep: 0, append: [user('one')], turn },
        side: { base: null, keep: 0, append: [user('aside')], turn },
      },
    });
    const held = await bare.get('a');
    await store.commit('a', append('c2', 'c1', 1));
    await genkitAppends(bare, held, 'of Genkit');

    const record = await store.get('a');
    expect(textsOf(record?.threads?.main)).toEqual(['one', 'of Genkit']);
    expect(record).toMatchObject({ life: 'c1', metadata: { title: 'Trip' }, versions: { state: 'c1' } });
    expect(record?.versions.threads.side).toBe('c1');
    expect(['c1', 'c2']).not.toContain(record?.versions.threads.main);
    expect(record?.openTurns).toEqual({ side: turn });

    for (const base of ['c1', 'c2', null]) {
      const stale = await errorOf(() => store.commit('a', append('c3', base, 1)), 'CONFLICT');
      expect(stale.parts?.threads?.main?.length).toBe(2);
    }
    await store.commit('a', append('c3', record?.versions.threads.main ?? '', 2));
    expect(textsOf((await store.get('a'))?.threads?.main)).toEqual(['one', 'of Genkit', 'c3']);
  });

  test('of a state that Genkit saved over is not believed', async () => {
    const bare = literal();
    const store = fullStore(bare);
    await store.commit('a', creation);
    const held = await bare.get('a');
    await bare.save('a', { ...held, state: { mood: 'angry' } });
    const change = { changeId: 'c2', life: 'c1', state: { base: 'c1', value: {} } };
    const stale = await errorOf(() => store.commit('a', change), 'CONFLICT');
    expect(stale.parts).toEqual({ state: { version: expect.any(String) } });
  });

  test('is remembered in the process where the store drops it, as far as the content is the same', async () => {
    const bare = columns();
    const store = fullStore(bare);
    await store.commit('a', { ...creation, metadata: { title: 'Trip' } });
    await genkitAppends(bare, await bare.get('a'), 'of Genkit', 'side');
    const record = await store.get('a');
    expect(record).toMatchObject({ life: 'c1', versions: { state: 'c1', threads: { main: 'c1' } } });
    await store.commit('a', append('c2', 'c1', 1));

    await genkitAppends(bare, await bare.get('a'), 'of Genkit');
    await errorOf(() => store.commit('a', append('c3', 'c2', 2)), 'CONFLICT');
  });

  test('that is remembered does not outlive the session', async () => {
    const rows = new Map();
    const store = fullStore(columns(rows));
    await store.commit('a', { ...creation, metadata: { title: 'Trip' } });
    rows.delete('a');
    expect(await store.get('a')).toBeUndefined();
    await errorOf(() => store.commit('a', append('c2', 'c1', 1)), 'NOT_FOUND');
    await store.commit('a', { ...creation, changeId: 'c3' });
    expect(await store.get('a')).toMatchObject({ life: 'c3' });
    expect(await store.get('a')).not.toHaveProperty('metadata');
  });

  test('that is remembered is not that of a session with the same content, created after this one was seen gone', async () => {
    const rows = new Map();
    const store = fullStore(columns(rows));
    await store.commit('a', { ...creation, metadata: { title: 'Trip' } });
    const row = rows.get('a');
    rows.delete('a');
    await store.get('a');
    rows.set('a', row);
    expect((await store.get('a'))?.life).not.toBe('c1');
    expect(await store.get('a')).not.toHaveProperty('metadata');
  });

  test('that is remembered is not the object that the store was given', async () => {
    const { get, save } = columns();
    const store = fullStore({
      get,
      save: async (id, data: Saved & { sess?: unknown }) => {
        Object.assign(data.sess ?? {}, { life: 'spoilt', versions: {} });
        delete data.sess;
        await save(id, data);
      },
    });
    await store.commit('a', creation);
    expect(await store.get('a')).toMatchObject({ life: 'c1', versions: { threads: { main: 'c1' } } });
  });

  test('is remembered of the 1,000 sessions written last', async () => {
    const store = fullStore(columns());
    await store.commit('written last', creation);
    for (let number = 1; number <= 999; number++) await store.commit(`session ${number}`, creation);
    await store.commit('written last', append('c2', 'c1', 1));
    await store.commit('session 1000', creation);
    expect((await store.get('session 1'))?.life).not.toBe('c1');
    expect((await store.get('session 2'))?.life).toBe('c1');
    expect((await store.get('session 1000'))?.life).toBe('c1');
    expect((await store.get('written last'))?.life).toBe('c1');
  });

  test('a malformed one is CORRUPT, and something else under its name is ignored', async () => {
    const rows = new Map([['a', JSON.stringify({ threads: {}, sess: { life: 'c1' } })]]);
    expect((await errorOf(() => fullStore(literal(rows)).get('a'), 'CORRUPT')).sessionId).toBe('a');
    rows.set('a', JSON.stringify({ threads: {}, sess: 'user data' }));
    expect((await fullStore(literal(rows)).get('a'))?.versions.state).toBeNull();
  });
});

describe('a failing store', () => {
  test('is STORE_FAILED with its error as cause', async () => {
    const cause = new Error('password=hunter2');
    const failing: SessionStore = { get: () => Promise.reject(cause), save: () => Promise.reject(cause) };
    for (const call of [
      () => fullStore(failing).get('a'),
      () => fullStore(failing).commit('a', creation),
      () => fullStore(failing).save('a', {}),
    ]) {
      const error = await errorOf(call, 'STORE_FAILED');
      expect(error.cause).toBe(cause);
      expect(error.sessionId).toBe('a');
      expect(error.message).not.toContain('hunter2');
    }
  });

  test('one that throws at once fails in the same way, and does not hold up the next call', async () => {
    let fails = true;
    const { get, save } = literal();
    const store = fullStore({
      get: (id) => {
        if (fails) throw new Error('not connected');
        return get(id);
      },
      save,
    });
    await errorOf(() => store.commit('a', creation), 'STORE_FAILED');
    fails = false;
    await store.commit('a', creation);
  });

  test.each([
    ['keeps what it is given', literal],
    ['drops what it does not know', columns],
  ])('a save that failed may have landed or not; the retry finds out, where the store %s', async (_, open) => {
    for (const lands of [true, false]) {
      const { get, save } = open();
      let fails = false;
      const store = fullStore({
        get,
        save: async (id, data) => {
          if (lands || !fails) await save(id, data);
          if (fails) throw new Error('connection lost');
        },
      });
      await store.commit('a', creation);
      fails = true;
      await errorOf(() => store.commit('a', append('c2', 'c1', 1)), 'STORE_FAILED');
      fails = false;
      await store.commit('a', { ...append('c2', 'c1', 1), retry: true });
      await store.commit('a', append('c3', 'c2', 2));
      expect(textsOf((await store.get('a'))?.threads?.main)).toEqual(['one', 'c2', 'c3']);
    }
  });

  test.each([
    ['text', 'be an object'],
    [42, 'be an object'],
    [[], 'be an object'],
    [{ threads: [] }, 'data.threads'],
    [{ threads: { main: 'text' } }, 'data.threads.main'],
    [{ threads: { main: null } }, 'data.threads.main'],
    [{ threads: { main: [user('one'), 'text'] } }, 'data.threads.main[1]'],
    [{ threads: { '': [] } }, 'thread name'],
    [{ state: { cart: new Map() } }, 'data.state.cart'],
  ])('an answer that is no session is CORRUPT: %j', async (answer, problem) => {
    let saved = 0;
    const store = fullStore({
      get: async () => answer as never,
      save: async () => {
        saved += 1;
      },
    });
    for (const call of [() => store.get('a'), () => store.commit('a', creation), () => store.save('a', {})]) {
      const error = await errorOf(call, 'CORRUPT');
      expect(error.message).toContain('"a"');
      expect(error.message).toContain(problem);
    }
    expect(saved).toBe(0);
  });

  test.each([undefined, null])('the answer %j says that there is no session', async (answer) => {
    const store = fullStore({ get: async () => answer as never, save: async () => {} });
    expect(await store.get('a')).toBeUndefined();
    await errorOf(() => store.commit('a', append('c2', 'c1', 1)), 'NOT_FOUND');
  });

  test('a refused change saves nothing', async () => {
    let saved = 0;
    const { get, save } = literal();
    const store = fullStore({
      get,
      save: (id, data) => {
        saved += 1;
        return save(id, data);
      },
    });
    await store.commit('a', creation);
    await errorOf(() => store.commit('a', append('c2', 'c0', 1)), 'CONFLICT');
    await errorOf(() => store.commit('a', append('c2', 'c1', 9)), 'INVALID_ARGUMENT');
    await store.commit('a', { ...creation, retry: true });
    expect(saved).toBe(1);
  });
});

describe('copies', () => {
  /** Keeps the very object that it is given, and answers it. */
  function aliasing(): SessionStore & { kept: Map<string, SessionData> } {
    const kept = new Map<string, SessionData>();
    return {
      kept,
      get: async (id) => kept.get(id),
      save: async (id, data) => void kept.set(id, frozen({ id, ...data })),
    };
  }

  test('what the store keeps and answers is never changed', async () => {
    const store = fullStore(aliasing());
    await store.commit('a', { ...creation, metadata: { title: 'Trip' } });
    await store.commit('a', append('c2', 'c1', 1));
    await store.commit('a', { changeId: 'c3', life: 'c1', metadata: { title: null } });
    expect(textsOf((await store.get('a'))?.threads?.main)).toEqual(['one', 'c2']);
  });

  test('what a caller gave or got may be changed without effect', async () => {
    const bare = aliasing();
    const store = fullStore(bare);
    const change = structuredClone({ ...creation, metadata: { labels: ['a'] } });
    await store.commit('a', change);
    change.state = { base: null, value: { mood: 'spoilt' } };
    change.threads?.main?.append[0]?.content.push({ text: 'spoilt' });
    change.metadata.labels.push('spoilt');
    for (let round = 0; round < 2; round++) {
      const record = await store.get('a');
      expect(JSON.stringify([record, bare.kept.get('a')])).not.toContain('spoilt');
      Object.assign(record?.state, { mood: 'spoilt' });
      record?.threads?.main?.push(user('spoilt'));
      (record?.metadata?.labels as string[] | undefined)?.push('spoilt');
      Object.assign(record?.versions.threads ?? {}, { main: 'spoilt' });
    }
    await store.commit('a', append('c2', 'c1', 1));
  });

  test('what is remembered for a store that drops it is a copy too', async () => {
    const store = fullStore(columns());
    await store.commit('a', { ...creation, metadata: { labels: ['a'] } });
    for (let round = 0; round < 2; round++) {
      const record = await store.get('a');
      expect(record?.metadata).toEqual({ labels: ['a'] });
      (record?.metadata?.labels as string[] | undefined)?.push('spoilt');
    }
  });
});

describe('one at a time', () => {
  /** Counts how many calls for one session are under way at once. */
  function watched() {
    const { get, save } = literal();
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const watch = async <T>(id: string, call: () => Promise<T>) => {
      running.set(id, (running.get(id) ?? 0) + 1);
      most.set(id, Math.max(most.get(id) ?? 0, running.get(id) ?? 0));
      most.set(
        'all',
        Math.max(
          most.get('all') ?? 0,
          [...running.values()].reduce((sum, count) => sum + count, 0),
        ),
      );
      await Promise.resolve();
      try {
        return await call();
      } finally {
        running.set(id, (running.get(id) ?? 0) - 1);
      }
    };
    const store: SessionStore = {
      get: (id) => watch(id, () => get(id)),
      save: (id, data) => watch(id, () => save(id, data)),
    };
    return { store, most };
  }

  test('per session, reads too; sessions do not wait for each other', async () => {
    const { store, most } = watched();
    await Promise.all(
      ['a', 'b'].flatMap((id) => [
        fullStore(store).commit(id, creation),
        fullStore(store).get(id),
        fullStore(store).save(id, {}),
        fullStore(store).get(id),
      ]),
    );
    expect(Object.fromEntries(most)).toEqual({ a: 1, b: 1, all: 2 });
  });

  test('twenty increments make twenty', async () => {
    const { store } = watched();
    const full = fullStore(store);
    await full.commit('a', { changeId: 'c1', life: null, state: { base: null, value: 0 } });
    const increment = async (changeId: string): Promise<void> => {
      const record = await full.get('a');
      const state = { base: record?.versions.state ?? null, value: record?.state + 1 };
      try {
        await full.commit('a', { changeId, life: 'c1', state });
      } catch (error) {
        expect(error).toMatchObject({ code: 'CONFLICT' });
        await increment(changeId);
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => increment(`increment ${index}`)));
    expect((await full.get('a'))?.state).toBe(20);
  });
});
