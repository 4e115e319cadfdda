import {
  applyWrite,
  BaseSessionStore,
  type BaseStoreOptions,
  type CheckedQuery,
  infoOf,
  isLive,
  pageSessions,
  SessError,
  type SessionChange,
  type SessionPage,
  type SessionRead,
  type SessionRecord,
  type SessionWrite,
  type StoredSession,
  type StoreSupports,
  selectMessages,
  type Tombstone,
  type WriteResult,
} from '@sess/core/store';
import { describe, expect, test } from 'vitest';
import { errorOf, gate, textsOf, user } from './samples.ts';

type Hook = 'read' | 'write' | 'list' | 'close';

/** A store over a Map whose hooks can be watched and made to do something else first. */
class WatchedStore extends BaseSessionStore {
  supports: StoreSupports = {
    specVersion: 1,
    commitCost: 'session',
    processes: 'one',
    ttl: { granularityMs: 1 },
    list: { orders: ['updatedAt', 'createdAt'], scope: 'all', freshness: 'immediate' },
  };
  readonly texts = new Map<string, string>();
  readonly calls: string[] = [];
  before: Partial<Record<Hook, () => unknown>> = {};

  protected async readSession(sessionId: string, read: SessionRead): Promise<SessionRecord | Tombstone | undefined> {
    this.calls.push(`read ${JSON.stringify(read)}`);
    await this.before.read?.();
    return this.stored(sessionId);
  }

  protected async writeSession(sessionId: string, write: SessionWrite): Promise<WriteResult> {
    this.calls.push(write.kind);
    await this.before.write?.();
    const context = { sessionId, now: this.now(), ttl: this.ttl };
    const { stored, result } = applyWrite(this.stored(sessionId), write, context);
    if (stored !== undefined) this.texts.set(sessionId, JSON.stringify(stored));
    return result;
  }

  protected async listSessions(query: CheckedQuery): Promise<SessionPage> {
    this.calls.push(`list ${JSON.stringify(query)}`);
    await this.before.list?.();
    const all = [...this.texts.keys()].flatMap((id) => this.stored(id) ?? []);
    return pageSessions(
      all.filter((stored) => isLive(stored, this.now())).map((stored) => infoOf(stored as SessionRecord)),
      query,
    );
  }

  protected async closeStore(): Promise<void> {
    this.calls.push('close');
    await this.before.close?.();
  }

  protected stored(sessionId: string): StoredSession | undefined {
    const text = this.texts.get(sessionId);
    return text === undefined ? undefined : JSON.parse(text);
  }
}

const open = (options?: BaseStoreOptions) => new WatchedStore(options);

const creation: SessionChange = {
  changeId: 'c1',
  life: null,
  threads: { main: { base: null, keep: 0, append: [user('one'), user('two')] } },
};
const touch: SessionChange = { changeId: 'c2', life: 'c1' };

/** Every operation, by name. */
const operations: Record<string, (store: BaseSessionStore) => Promise<unknown>> = {
  get: (store) => store.get('a'),
  save: (store) => store.save('a', {}),
  commit: (store) => store.commit('a', touch),
  delete: (store) => store.delete('a'),
  list: (store) => store.list(),
};
const hookOf: Record<string, Hook> = { get: 'read', save: 'write', commit: 'write', delete: 'write', list: 'list' };
const names = Object.keys(operations);
const operate = (name: string, store: BaseSessionStore) => operations[name]?.(store);

describe('get', () => {
  test('answers the record, without what only the store needs', async () => {
    const store = open();
    await store.commit('a', creation);
    const record = await store.get('a');
    expect(record).toMatchObject({ id: 'a', life: 'c1', lengths: { main: 2 } });
    expect(record).not.toHaveProperty('recent');
    expect(await store.get('b')).toBeUndefined();
  });

  test('cuts out the part where the adapter answered the whole', async () => {
    const store = open();
    await store.commit('a', creation);
    const part = await store.get('a', { last: 1 });
    expect(textsOf(part?.threads?.main)).toEqual(['two']);
    expect(part?.partial).toEqual({ offsets: { main: 1 } });
    expect(part).not.toHaveProperty('recent');
  });

  test('takes the part that the adapter answered', async () => {
    class Partial extends WatchedStore {
      protected override async readSession(sessionId: string, read: SessionRead) {
        const stored = this.stored(sessionId) as SessionRecord;
        return selectMessages(stored, { ...read, last: 1 });
      }
    }
    const store = new Partial();
    await store.commit('a', creation);
    const part = await store.get('a', { last: 1 });
    expect(textsOf(part?.threads?.main)).toEqual(['two']);
    expect(part?.partial).toEqual({ offsets: { main: 1 } });
  });

  test('passes on what is read, checked, and without what nobody knows', async () => {
    const store = open();
    await store.get('a', { last: 1, threads: ['main'], unknown: true } as never);
    await store.get('a');
    expect(store.calls).toEqual(['read {"last":1,"threads":["main"]}', 'read {}']);
  });

  test('hides what has expired or was deleted', async () => {
    let now = 0;
    const store = open({ ttl: 10, clock: () => now });
    await store.commit('a', creation);
    now = 9;
    expect(await store.get('a')).toMatchObject({ expiresAt: 10 });
    now = 10;
    expect(await store.get('a')).toBeUndefined();
    await store.commit('a', { ...creation, changeId: 'c9' });
    await store.delete('a');
    expect(store.texts.get('a')).toContain('deletedUntil');
    expect(await store.get('a')).toBeUndefined();
  });

  test('leaves the judgement to an adapter whose database judges', async () => {
    class Judged extends WatchedStore {
      protected override hasExpired(): boolean {
        return false;
      }
    }
    let now = 0;
    const store = new Judged({ ttl: 10, clock: () => now });
    await store.commit('a', creation);
    now = 99;
    expect(await store.get('a')).toBeDefined();
    now = 9;
    await store.delete('a');
    expect(await store.get('a')).toBeUndefined();
  });
});

describe('what reaches the adapter', () => {
  test.each(['', 'a\ud800', 'x'.repeat(513), undefined, null, 1, {}, ['a']])('is never the id %j', async (id) => {
    const store = open();
    for (const call of [
      () => store.get(id as string),
      () => store.save(id as string, {}),
      () => store.commit(id as string, creation),
      () => store.delete(id as string),
    ]) {
      const error = await errorOf(call, 'INVALID_ID');
      expect(error.store).toBe('WatchedStore');
      expect(typeof (error.sessionId ?? '')).toBe('string');
    }
    expect(store.calls).toEqual([]);
  });

  test('is never malformed data, change or query', async () => {
    const store = open();
    await errorOf(() => store.save('a', null as never), 'INVALID_ARGUMENT');
    await errorOf(() => store.commit('a', null as never), 'INVALID_ARGUMENT');
    await errorOf(() => store.list({ limit: 0 }), 'INVALID_ARGUMENT');
    await errorOf(() => store.get('a', { last: -1 }), 'INVALID_ARGUMENT');
    expect(store.calls).toEqual([]);
  });

  test('is a copy', async () => {
    const writing = gate();
    const store = open();
    store.before.write = () => writing.promise;
    const change = structuredClone(creation);
    const data = { state: { mood: 'calm' } };
    const commit = store.commit('a', change);
    const save = store.save('b', data);
    change.threads?.main?.append.pop();
    data.state.mood = 'spoilt';
    writing.open();
    await Promise.all([commit, save]);
    expect((await store.get('a'))?.lengths).toEqual({ main: 2 });
    expect((await store.get('b'))?.state).toEqual({ mood: 'calm' });
  });

  test('of a query has its defaults', async () => {
    const store = open();
    await store.list();
    await store.list({ owner: 'x', limit: 5, orderBy: 'createdAt' });
    expect(store.calls).toEqual([
      'list {"limit":100,"orderBy":"updatedAt"}',
      'list {"owner":"x","limit":5,"orderBy":"createdAt"}',
    ]);
  });

  test('is no listing that it does not claim', async () => {
    const store = open();
    store.supports = { ...store.supports, list: false };
    await errorOf(() => store.list(), 'UNSUPPORTED');
    store.supports = { ...store.supports, list: { orders: ['createdAt'], scope: 'owner', freshness: 'lagging' } };
    await errorOf(() => store.list(), 'UNSUPPORTED');
    await errorOf(() => store.list({ orderBy: 'createdAt' }), 'UNSUPPORTED');
    await errorOf(() => store.list({ owner: 'x' }), 'UNSUPPORTED');
    expect(store.calls).toEqual([]);
    await store.list({ owner: 'x', orderBy: 'createdAt' });
    expect(store.calls).toHaveLength(1);
  });

  test('is no message beyond its limit, counted in bytes', async () => {
    const store = open();
    const bytes = Buffer.byteLength(JSON.stringify(user('é')));
    store.supports = { ...store.supports, maxMessageBytes: bytes };
    const threads = (...texts: string[]) => ({ main: { base: null, keep: 0, append: texts.map(user) } });
    const large = await errorOf(() => store.commit('a', { ...creation, threads: threads('é', 'éa') }), 'TOO_LARGE');
    expect(large.sessionId).toBe('a');
    await errorOf(() => store.save('a', { threads: { side: [user('é'), user('aaa')] } }), 'TOO_LARGE');
    expect(store.calls).toEqual([]);
    await store.commit('a', { ...creation, threads: threads('é', 'aa') });
    await store.save('a', { state: 'x'.repeat(999), threads: { main: [user('é')] } });
    await store.delete('a');
    expect(store.calls).toEqual(['commit', 'save', 'delete']);
  });
});

describe('what a write answers', () => {
  test('is the id of the change, and when the session expires', async () => {
    const mortal = open({ ttl: 10, clock: () => 5 });
    expect(await mortal.commit('a', creation)).toEqual({ changeId: 'c1', expiresAt: 15 });
    expect(await mortal.save('a', {})).toBeUndefined();
    const immortal = open();
    expect(Object.keys(await immortal.commit('a', creation))).toEqual(['changeId']);
  });

  test('is the id that the change had when it was called', async () => {
    const store = open();
    const change = { ...creation };
    const under = store.commit('a', change);
    change.changeId = 'c2';
    expect(await under).toEqual({ changeId: 'c1' });
  });

  test('of a deletion is whether there was a session', async () => {
    const store = open();
    expect(await store.delete('a')).toBe(false);
    await store.commit('a', creation);
    expect(await store.delete('a')).toBe(true);
    expect(await store.delete('a')).toBe(false);
  });

  test('each save has a change id of its own', async () => {
    const store = open();
    await store.save('a', { threads: { main: [] } });
    const first = await store.get('a');
    await store.save('a', { threads: { main: [] } });
    const second = await store.get('a');
    expect(second?.life).toBe(first?.life);
    expect(second?.versions.threads.main).not.toBe(first?.versions.threads.main);
  });
});

describe('a fractional ttl', () => {
  test.each([0.25, 0.5, 1.5])('of %d is rounded up', async (ttl) => {
    let now = 1_700_000_000_000;
    const store = open({ ttl, clock: () => now });
    const { expiresAt } = await store.commit('a', creation);
    expect(expiresAt).toBe(now + Math.ceil(ttl));
    expect(await store.get('a')).toBeDefined();
    now += Math.ceil(ttl);
    expect(await store.get('a')).toBeUndefined();
  });
});

describe('a failure of the adapter', () => {
  test.each(names)('%s: is STORE_FAILED with its error as cause', async (name) => {
    const cause = Object.assign(new TypeError('redis://user:hunter2@localhost refused'), { code: 'ECONNREFUSED' });
    const store = open();
    const fail = () => {
      throw cause;
    };
    store.before = { read: fail, write: fail, list: fail };
    const error = await errorOf(() => operate(name, store), 'STORE_FAILED');
    expect(error.cause).toBe(cause);
    expect(error.store).toBe('WatchedStore');
    expect(error.sessionId).toBe(name === 'list' ? undefined : 'a');
    expect(error.message).toBe(`WatchedStore failed${name === 'list' ? '' : ' on session "a"'}: ECONNREFUSED.`);
    expect(error.message).not.toContain('hunter2');
  });

  test.each<unknown>([undefined, null, 'text', 0, {}, { code: 5 }, Object.create(null)])(
    'that is no error, but %s, is STORE_FAILED too',
    async (thrown) => {
      const store = open();
      store.before.read = () => Promise.reject(thrown);
      const error = await errorOf(() => store.get('a'), 'STORE_FAILED');
      expect(error.cause).toBe(thrown);
      expect(error.message).not.toContain('undefined');
    },
  );

  test('that is a SessError stays what it is, and learns what it is about', async () => {
    const store = open();
    const own = new SessError('TOO_LARGE', 'Too large.', { retryable: true, thread: 'main' });
    store.before.write = () => Promise.reject(own);
    expect(await errorOf(() => store.save('a', {}), 'TOO_LARGE')).toBe(own);
    expect(own).toMatchObject({ sessionId: 'a', store: 'WatchedStore', retryable: true, thread: 'main' });
  });

  test('that knows what it is about keeps that', async () => {
    const store = open();
    store.before.write = () => Promise.reject(new SessError('CORRUPT', 'x', { store: 'Inner', sessionId: 'b' }));
    expect(await errorOf(() => store.save('a', {}), 'CORRUPT')).toMatchObject({ store: 'Inner', sessionId: 'b' });
  });

  test('in close is STORE_FAILED too', async () => {
    const store = open();
    store.before.close = () => Promise.reject(new Error('no'));
    await errorOf(() => store.close(), 'STORE_FAILED');
  });
});

describe('close', () => {
  test.each(names)('%s is refused afterwards, and does not reach the adapter', async (name) => {
    const store = open();
    await store.close();
    const error = await errorOf(() => operate(name, store), 'CLOSED');
    expect(error.store).toBe('WatchedStore');
    expect(store.calls).toEqual(['close']);
  });

  test.each(names)('waits for a %s that is under way, and refuses what comes meanwhile', async (name) => {
    const store = open();
    await store.commit('a', creation);
    store.calls.length = 0;
    const running = gate();
    store.before = { [hookOf[name] ?? '']: () => running.promise };
    const operation = operate(name, store);
    const closing = store.close();
    await errorOf(() => store.get('a'), 'CLOSED');
    await errorOf(() => store.commit('a', touch), 'CLOSED');
    expect(store.calls).not.toContain('close');
    running.open();
    await operation;
    await closing;
    expect(store.calls.at(-1)).toBe('close');
    expect(store.calls).toHaveLength(2);
  });

  test('waits for what fails, too', async () => {
    const store = open();
    const running = gate();
    store.before.read = () => running.promise;
    const failing = errorOf(() => store.get('a'), 'STORE_FAILED');
    const closing = store.close();
    running.fail(new Error('no'));
    await failing;
    await closing;
    expect(store.calls.at(-1)).toBe('close');
  });

  test('may be called again, also at once, and closes once', async () => {
    const store = open();
    await Promise.all([store.close(), store.close()]);
    await store.close();
    expect(store.calls).toEqual(['close']);
  });
});
