import { applyChange, infoOf, pageSessions, type SessionInfo, type SessionPage } from '@sess/core/store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf, frozen, user } from './samples.ts';

function info(id: string, updatedAt: number, createdAt = updatedAt, owner?: string): SessionInfo {
  return frozen({ id, lengths: {}, createdAt, updatedAt, ...(owner !== undefined && { owner }) });
}

const idsOf = ({ sessions }: SessionPage) => sessions.map(({ id }) => id);

/** All pages, one after the other. */
function paged(sessions: SessionInfo[], limit: number, orderBy: 'updatedAt' | 'createdAt' = 'updatedAt'): string[][] {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = pageSessions(sessions, { limit, orderBy, ...(cursor !== undefined && { cursor }) });
    pages.push(idsOf(page));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return pages;
}

describe('a page', () => {
  test('is newest first, and of the same time by id', () => {
    const sessions = [info('c', 1), info('b', 2), info('a', 2), info('d', 3)];
    expect(paged(sessions, 10)).toEqual([['d', 'a', 'b', 'c']]);
  });

  test('is ordered by what is asked for', () => {
    const sessions = [info('a', 3, 1), info('b', 2, 2), info('c', 1, 3)];
    expect(paged(sessions, 10, 'updatedAt')).toEqual([['a', 'b', 'c']]);
    expect(paged(sessions, 10, 'createdAt')).toEqual([['c', 'b', 'a']]);
  });

  test('has a cursor exactly where there is more', () => {
    const sessions = [info('a', 1), info('b', 2)];
    expect(pageSessions(sessions, { limit: 1, orderBy: 'updatedAt' })).toHaveProperty('cursor');
    expect(pageSessions(sessions, { limit: 2, orderBy: 'updatedAt' })).not.toHaveProperty('cursor');
    expect(pageSessions([], { limit: 1, orderBy: 'updatedAt' })).toEqual({ sessions: [] });
  });

  test('has the sessions of exactly the owner', () => {
    const sessions = [info('a', 1, 1, 'x'), info('b', 2, 2, 'X'), info('c', 3), info('d', 4, 4, 'x')];
    const page = pageSessions(sessions, { limit: 1, orderBy: 'updatedAt', owner: 'x' });
    expect(idsOf(page)).toEqual(['d']);
    const next = pageSessions(sessions, { limit: 1, orderBy: 'updatedAt', owner: 'x', cursor: page.cursor as string });
    expect(next).toEqual({ sessions: [info('a', 1, 1, 'x')] });
  });

  test('refuses a cursor that is not its own', async () => {
    for (const cursor of ['x', '12', ' a', `${'1'.repeat(15)} a`, 'undefined', '1'.repeat(17)]) {
      await errorOf(() => pageSessions([], { limit: 1, orderBy: 'updatedAt', cursor }), 'INVALID_ARGUMENT');
    }
  });

  test('page by page, every session comes once, whatever its id and time', () => {
    const ids = fc.oneof(
      fc.string({ minLength: 1, unit: 'binary' }),
      fc.constantFrom(' ', '  ', '\n', '0', '00', '__proto__', '\u{1f600}', '\uffff', 'a\u0000', 'a'),
    );
    const times = fc.oneof(
      fc.constantFrom(0, 1, 1_700_000_000_000, 9_999_999_999_999, 9_007_199_254_740_000),
      fc.nat(),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(ids),
        fc.array(times, { minLength: 1 }),
        fc.integer({ min: 1, max: 4 }),
        (names, at, limit) => {
          const sessions = names.map((id, index) => info(id, at[index % at.length] ?? 0));
          const pages = paged(sessions, limit);
          expect(pages.flat().sort()).toEqual([...names].sort());
          for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
          const timeOf = new Map(sessions.map(({ id, updatedAt }) => [id, updatedAt]));
          const order = pages.flat().map((id) => timeOf.get(id) ?? 0);
          expect(order).toEqual([...order].sort((a, b) => b - a));
        },
      ),
    );
  });

  test('of a session that moved while one pages comes at its new place only, and none other is lost', () => {
    const sessions = [info('a', 1), info('b', 2), info('c', 3), info('d', 4)];
    const first = pageSessions(sessions, { limit: 2, orderBy: 'updatedAt' });
    const moved = [info('a', 9), info('b', 2), info('c', 3), info('d', 4)];
    const rest = pageSessions(moved, { limit: 2, orderBy: 'updatedAt', cursor: first.cursor as string });
    expect([idsOf(first), idsOf(rest)]).toEqual([['d', 'c'], ['b']]);
  });

  test('goes on after a session that is gone', () => {
    const first = pageSessions([info('a', 1), info('b', 2), info('c', 3)], { limit: 2, orderBy: 'updatedAt' });
    const rest = pageSessions([info('a', 1)], { limit: 2, orderBy: 'updatedAt', cursor: first.cursor as string });
    expect(idsOf(rest)).toEqual(['a']);
  });
});

describe('what listing tells of a session', () => {
  test('is owner, metadata, lengths and times, and nothing else', () => {
    const session = applyChange(
      undefined,
      {
        changeId: 'c1',
        life: null,
        owner: 'user-7',
        metadata: { title: 'Trip' },
        state: { base: null, value: 1 },
        threads: { main: { base: null, keep: 0, append: [user('one')] } },
      },
      { sessionId: 'a', now: 5, ttl: 10 },
    );
    expect(infoOf(session)).toEqual({
      id: 'a',
      owner: 'user-7',
      metadata: { title: 'Trip' },
      lengths: { main: 1 },
      createdAt: 5,
      updatedAt: 5,
      expiresAt: 15,
    });
  });

  test('leaves out what is not there', () => {
    const session = applyChange(undefined, { changeId: 'c1', life: null }, { sessionId: 'a', now: 5 });
    expect(Object.keys(infoOf(session)).sort()).toEqual(['createdAt', 'id', 'lengths', 'updatedAt']);
  });
});
