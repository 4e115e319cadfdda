import { spawnSync } from 'node:child_process';
import { memoryStore, type SessError, type SessionChange } from '@sess/core';
import { describe, expect, test, vi } from 'vitest';
import { errorOf, textsOf, user } from './samples.ts';

const quiet = { sweepIntervalMs: false } as const;

function creation(changeId = 'c1'): SessionChange {
  return {
    changeId,
    life: null,
    state: { base: null, value: { list: [1] } },
    threads: { main: { base: null, keep: 0, append: [user('one')] } },
    metadata: { labels: ['a'] },
  };
}

describe('copies', () => {
  test('what a caller gave or got may be changed without effect', async () => {
    const store = memoryStore(quiet);
    const change = creation();
    await store.commit('a', change);
    change.state?.value.list.push('spoilt');
    change.threads?.main?.append[0]?.content.push({ text: 'spoilt' });
    (change.metadata?.labels as string[] | undefined)?.push('spoilt');
    for (let round = 0; round < 2; round++) {
      const record = await store.get('a');
      const part = await store.get('a', { last: 1 });
      const page = await store.list();
      expect(JSON.stringify([record, part, page])).not.toContain('spoilt');
      for (const got of [record, part]) {
        got?.state.list.push('spoilt');
        got?.threads?.main?.push(user('spoilt'));
        got?.threads?.main?.[0]?.content.push({ text: 'spoilt' });
        Object.assign(got?.versions.threads ?? {}, { main: 'spoilt' });
        Object.assign(got?.lengths ?? {}, { spoilt: 9 });
      }
      (page.sessions[0]?.metadata?.labels as string[] | undefined)?.push('spoilt');
      Object.assign(page.sessions[0]?.lengths ?? {}, { spoilt: 9 });
      page.sessions.pop();
    }
  });

  test('saved data is copied too', async () => {
    const store = memoryStore(quiet);
    const data = { state: { mood: 'calm' }, threads: { main: [user('one')] } };
    await store.save('a', data);
    data.state.mood = 'spoilt';
    data.threads.main[0]?.content.push({ text: 'spoilt' });
    expect(JSON.stringify(await store.get('a'))).not.toContain('spoilt');
  });
});

describe('ids', () => {
  const ids = [
    'a',
    'A',
    'a/b',
    '../../etc/passwd',
    'CON',
    'con',
    '*',
    '{x}',
    '$gt',
    '__proto__',
    'constructor',
    ' ',
    ' a',
    '\u0000',
    'e\u0301',
    '\u00e9',
    '\u{1f600}',
    'x'.repeat(512),
    `${'x'.repeat(511)}y`,
  ];

  test('that look alike are all distinct, as sessions and as threads', async () => {
    const store = memoryStore(quiet);
    for (const [index, id] of ids.entries()) {
      const named = <T>(value: T): Record<string, T> => Object.fromEntries([[id, value]]);
      await store.commit(id, { changeId: 'c1', life: null, state: { base: null, value: index } });
      await store.commit('threads', {
        changeId: `c${index}`,
        life: index === 0 ? null : 'c0',
        threads: named({ base: null, keep: 0, append: [user(id)] }),
      });
    }
    for (const [index, id] of ids.entries()) expect((await store.get(id))?.state).toBe(index);
    const { threads = {} } = (await store.get('threads')) ?? {};
    expect(Object.entries(threads).map(([name, messages]) => [name, textsOf(messages)])).toEqual(
      ids.map((id) => [id, [id]]),
    );
    const { threads: part } = (await store.get('threads', { threads: ['__proto__'] })) ?? {};
    expect(Object.keys(part ?? {})).toEqual(['__proto__']);
    expect((await store.list()).sessions.map(({ id }) => id).sort()).toEqual([...ids, 'threads'].sort());
    for (const id of ids) expect(await store.delete(id)).toBe(true);
    expect((await store.list()).sessions.map(({ id }) => id)).toEqual(['threads']);
  });
});

describe('maxSessions', () => {
  test('refuses one more with LIMIT_REACHED, and stores nothing of it', async () => {
    const store = memoryStore({ ...quiet, maxSessions: 2 });
    await store.commit('a', creation());
    await store.save('b', {});
    const error = await errorOf(() => store.commit('c', creation()), 'LIMIT_REACHED');
    expect(error).toMatchObject({ retryable: true, sessionId: 'c', store: 'MemoryStore' });
    await errorOf(() => store.save('c', {}), 'LIMIT_REACHED');
    expect(await store.get('c')).toBeUndefined();
    await errorOf(() => store.commit('c', { changeId: 'c2', life: 'c1' }), 'NOT_FOUND');
  });

  test('leaves sessions that are there alone', async () => {
    const store = memoryStore({ ...quiet, maxSessions: 1 });
    await store.commit('a', creation());
    await store.commit('a', { changeId: 'c2', life: 'c1' });
    await store.commit('a', { ...creation(), retry: true });
    await store.save('a', {});
    await errorOf(() => store.commit('a', creation('c3')), 'ALREADY_EXISTS');
    expect(await store.delete('b')).toBe(false);
    expect((await store.get('a'))?.changes).toBe(3);
  });

  test('cannot be passed by creations at once', async () => {
    const store = memoryStore({ ...quiet, maxSessions: 5 });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? store.commit(`session ${index}`, creation()) : store.save(`session ${index}`, {}),
      ),
    );
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as SessError] : []));
    expect(refused).toHaveLength(15);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['LIMIT_REACHED']));
    expect((await store.list()).sessions).toHaveLength(5);
  });

  test('does not count the expired or the deleted', async () => {
    let now = 0;
    const store = memoryStore({ ...quiet, maxSessions: 2, ttl: 10, clock: () => now });
    await store.commit('a', creation());
    now = 5;
    await store.commit('b', creation());
    await errorOf(() => store.commit('c', creation()), 'LIMIT_REACHED');
    now = 10;
    await store.commit('c', creation());
    await errorOf(() => store.commit('d', creation()), 'LIMIT_REACHED');
    await store.delete('b');
    await store.commit('d', creation());
    await errorOf(() => store.commit('a', creation('c9')), 'LIMIT_REACHED');
  });

  test('counts a session that expired and is created again', async () => {
    let now = 0;
    const store = memoryStore({ ...quiet, maxSessions: 1, ttl: 10, clock: () => now });
    await store.commit('a', creation());
    now = 10;
    await store.commit('b', creation());
    await errorOf(() => store.commit('a', creation('c2')), 'LIMIT_REACHED');
  });

  test.each<unknown>([0, -1, Number.NaN, '5', null, {}])('of %s is refused', async (maxSessions) => {
    await errorOf(() => memoryStore({ ...quiet, maxSessions: maxSessions as never }), 'INVALID_ARGUMENT');
  });

  test('may be infinite', async () => {
    const store = memoryStore({ ...quiet, maxSessions: Number.POSITIVE_INFINITY });
    await store.commit('a', creation());
  });
});

describe('expiry and deletion', () => {
  test('a session expires whole, and its id is free for another life', async () => {
    let now = 0;
    const store = memoryStore({ ...quiet, ttl: 10, clock: () => now });
    await store.commit('a', { ...creation(), owner: 'user-7' });
    now = 9;
    await store.commit('a', { changeId: 'c2', life: 'c1' });
    now = 18;
    expect(await store.get('a')).toMatchObject({ expiresAt: 19 });
    now = 19;
    expect(await store.get('a')).toBeUndefined();
    expect((await store.list()).sessions).toEqual([]);
    expect(await store.delete('a')).toBe(false);
    await errorOf(() => store.commit('a', { changeId: 'c3', life: 'c1' }), 'NOT_FOUND');
    await errorOf(() => store.commit('a', { ...creation(), retry: true }), 'NOT_FOUND');
    await store.save('a', {});
    const record = await store.get('a');
    expect(record).toMatchObject({ createdAt: 19, changes: 1 });
    expect(record).not.toHaveProperty('owner');
    expect(record).not.toHaveProperty('metadata');
  });

  test('a commit that races a deletion does not bring the session back', async () => {
    const store = memoryStore(quiet);
    await store.commit('a', creation());
    const [deleted, commit, retry] = await Promise.allSettled([
      store.delete('a'),
      store.commit('a', { changeId: 'c2', life: 'c1' }),
      store.commit('a', { ...creation(), retry: true }),
    ]);
    expect(deleted).toEqual({ status: 'fulfilled', value: true });
    expect(commit).toMatchObject({ status: 'rejected', reason: { code: 'NOT_FOUND' } });
    expect(retry).toMatchObject({ status: 'rejected', reason: { code: 'NOT_FOUND' } });
    expect(await store.get('a')).toBeUndefined();
    expect((await store.list()).sessions).toEqual([]);
  });

  test('twenty increments at once make twenty', async () => {
    const store = memoryStore(quiet);
    await store.commit('a', { changeId: 'c1', life: null, state: { base: null, value: 0 } });
    const increment = async (changeId: string): Promise<void> => {
      const record = await store.get('a');
      const state = { base: record?.versions.state ?? null, value: record?.state + 1 };
      try {
        await store.commit('a', { changeId, life: 'c1', state });
      } catch (error) {
        expect(error).toMatchObject({ code: 'CONFLICT' });
        await increment(changeId);
      }
    };
    await Promise.all(Array.from({ length: 20 }, (_, index) => increment(`increment ${index}`)));
    expect((await store.get('a'))?.state).toBe(20);
  });
});

describe('the sweep', () => {
  test('removes what has expired, and tombstones after an hour', async () => {
    let now = 0;
    const store = memoryStore({ ...quiet, ttl: 10, clock: () => now });
    await store.commit('expired', creation());
    await store.commit('deleted', creation());
    await store.delete('deleted');
    now = 5;
    await store.commit('alive', creation());
    expect(await store.sweep()).toEqual({ removed: 0 });
    now = 10;
    expect(await store.sweep()).toEqual({ removed: 1 });
    expect(await store.get('alive')).toBeDefined();
    now = 3_600_000;
    expect(await store.sweep()).toEqual({ removed: 2 });
    await store.commit('deleted', creation());
  });

  test('runs by itself every ten minutes or so, until the store is closed', async () => {
    vi.useFakeTimers();
    try {
      const store = memoryStore({ ttl: 1 });
      const sweep = vi.spyOn(store, 'sweep');
      await vi.advanceTimersByTimeAsync(539_999);
      expect(sweep).toHaveBeenCalledTimes(0);
      await vi.advanceTimersByTimeAsync(120_002);
      expect(sweep).toHaveBeenCalledTimes(1);
      await store.close();
      await vi.advanceTimersByTimeAsync(6_000_000);
      expect(sweep).toHaveBeenCalledTimes(1);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('runs as often as is said, or never', async () => {
    vi.useFakeTimers();
    try {
      memoryStore({ sweepIntervalMs: false });
      expect(vi.getTimerCount()).toBe(0);
      const store = memoryStore({ sweepIntervalMs: 100 });
      const sweep = vi.spyOn(store, 'sweep');
      await vi.advanceTimersByTimeAsync(111);
      expect(sweep).toHaveBeenCalledTimes(1);
      await store.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([0, -1, Number.NaN])('does not run where the interval is %d', async (sweepIntervalMs) => {
    vi.useFakeTimers();
    try {
      memoryStore({ sweepIntervalMs });
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test.each([2 ** 31, Number.POSITIVE_INFINITY])('runs seldom where the interval is %d', async (sweepIntervalMs) => {
    const setInterval = vi.spyOn(globalThis, 'setInterval');
    await memoryStore({ sweepIntervalMs }).close();
    const [, interval] = setInterval.mock.calls[0] ?? [];
    expect(interval).toBeGreaterThan(1.9e9);
    expect(interval).toBeLessThan(2 ** 31); // a timer fires at once where it is to wait longer
  });

  test('that fails is warned of, and tried again', async () => {
    vi.useFakeTimers();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    try {
      const store = memoryStore({ sweepIntervalMs: 100 });
      const sweep = vi.spyOn(store, 'sweep').mockRejectedValue(new Error('no'));
      await vi.advanceTimersByTimeAsync(250);
      expect(sweep).toHaveBeenCalledTimes(2);
      expect(warn).toHaveBeenCalledTimes(2);
      await store.close();
    } finally {
      vi.useRealTimers();
    }
  });

  test('keeps no process alive', () => {
    const script = `import { memoryStore } from '@sess/core'; await memoryStore().save('a', {});`;
    const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: new URL('..', import.meta.url),
      encoding: 'utf8',
      timeout: 20_000,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
