import {
  applyWrite,
  isLive,
  isSweepable,
  type LiveSession,
  type SavedData,
  type SessionWrite,
  type StoredSession,
  TOMBSTONE_MS,
} from '@sess/core/store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf, frozen, user } from './samples.ts';

const NOW = 1_000;
const turn = { id: 't1', at: 5, leaseMs: 100, beat: 0 };

function write(stored: StoredSession | undefined, given: SessionWrite, now = NOW, ttl?: number) {
  return frozen(applyWrite(frozen(stored), frozen(given), { sessionId: 'a', now, ttl }));
}

const save = (changeId: string, data: SavedData): SessionWrite => ({ kind: 'save', changeId, data });

const creation: SessionWrite = {
  kind: 'commit',
  change: {
    changeId: 'c1',
    life: null,
    owner: 'user-7',
    state: { base: null, value: 1 },
    threads: {
      main: { base: null, keep: 0, append: [user('one')], turn },
      side: { base: null, keep: 0, append: [user('aside')] },
    },
    metadata: { title: 'Trip', label: 'a' },
  },
};
const session = write(undefined, creation).stored as LiveSession;

describe('save', () => {
  test('of nothing creates a session without an owner', () => {
    const { stored, result } = write(undefined, save('s1', { state: 1, threads: { main: [user('one')] } }));
    expect(result).toEqual({ existed: false });
    expect(stored).toEqual({
      id: 'a',
      life: 's1',
      state: 1,
      threads: { main: [user('one')] },
      versions: { state: 's1', threads: { main: 's1' } },
      lengths: { main: 1 },
      changes: 1,
      createdAt: NOW,
      updatedAt: NOW,
      recent: ['s1'],
    });
  });

  test('replaces every part and closes all turns; life, owner, creation time and metadata stay', () => {
    const { stored, result } = write(session, save('s1', { threads: { main: [user('new')] } }), NOW + 1, 10);
    expect(result).toEqual({ existed: true, expiresAt: NOW + 11 });
    expect(stored).toEqual({
      id: 'a',
      life: 'c1',
      threads: { main: [user('new')] },
      versions: { state: null, threads: { main: 's1' } },
      lengths: { main: 1 },
      changes: 2,
      createdAt: NOW,
      updatedAt: NOW + 1,
      expiresAt: NOW + 11,
      owner: 'user-7',
      metadata: { title: 'Trip', label: 'a' },
      recent: ['c1', 's1'],
    });
  });

  test('replaces all metadata where it has some', () => {
    const saved = (metadata: Record<string, unknown>) => write(session, save('s1', { threads: {}, metadata })).stored;
    expect(saved({ color: 'red' })).toMatchObject({ metadata: { color: 'red' } });
    expect(saved({ color: 'red' })).not.toHaveProperty('metadata.title');
    expect(saved({})).not.toHaveProperty('metadata');
  });

  test.each([0, false, '', null])('the state %j is a state', (state) => {
    expect(write(session, save('s1', { state, threads: {} })).stored).toMatchObject({
      state,
      versions: { state: 's1' },
    });
  });

  test('over an expired or a deleted session begins another life, with nothing of the old one', () => {
    const mortal = write(undefined, creation, NOW, 10).stored;
    const deleted = write(session, { kind: 'delete' }).stored;
    for (const stored of [mortal, deleted]) {
      expect(write(stored, save('s1', { threads: {} }), NOW + 10)).toEqual(
        write(undefined, save('s1', { threads: {} }), NOW + 10),
      );
    }
  });

  test('refuses every base from before', async () => {
    const { stored } = write(session, save('s1', { state: 1, threads: { main: [user('one')] } }));
    const parts = [
      { state: { base: 'c1', value: 2 } },
      { state: { base: null, value: 2 } },
      { threads: { main: { base: 'c1', keep: 1, append: [] } } },
      { threads: { side: { base: 'c1', keep: 1, append: [] } } },
      { holds: { main: 't1' } },
    ];
    for (const part of parts) {
      const change = { changeId: 'c2', life: 'c1', ...part };
      await errorOf(() => write(stored, { kind: 'commit', change }), 'CONFLICT');
    }
  });

  test('a thread may be called __proto__', () => {
    const threads = JSON.parse('{"__proto__": []}');
    const stored = write(session, save('s1', { threads })).stored as LiveSession;
    expect(Object.keys(stored.threads ?? {})).toEqual(['__proto__']);
  });
});

describe('delete', () => {
  test('leaves a tombstone without content, for an hour', () => {
    const { stored, result } = write(session, { kind: 'delete' });
    expect(result).toEqual({ existed: true });
    expect(stored).toEqual({ id: 'a', life: 'c1', deletedUntil: NOW + TOMBSTONE_MS });
    expect(TOMBSTONE_MS).toBe(3_600_000);
  });

  test('of nothing, of an expired and of a deleted session says that there was none, and leaves what is there', () => {
    const mortal = write(undefined, creation, NOW, 10).stored;
    const deleted = write(session, { kind: 'delete' }).stored;
    for (const stored of [undefined, mortal, deleted]) {
      const after = write(stored, { kind: 'delete' }, NOW + 10);
      expect(after).toEqual({ stored, result: { existed: false } });
    }
  });

  test('cannot be undone by a late retry of the creation', async () => {
    const { stored } = write(session, { kind: 'delete' });
    const retry: SessionWrite = { kind: 'commit', change: { ...creation.change, retry: true } };
    await errorOf(() => write(stored, retry), 'NOT_FOUND');
  });
});

describe('what is told', () => {
  test('a commit tells whether there was a session, and when it expires', () => {
    expect(write(undefined, creation).result).toEqual({ existed: false });
    expect(write(undefined, creation, NOW, 10).result).toEqual({ existed: false, expiresAt: NOW + 10 });
    const touch: SessionWrite = { kind: 'commit', change: { changeId: 'c2', life: 'c1' } };
    expect(write(session, touch, NOW + 1, 10).result).toEqual({ existed: true, expiresAt: NOW + 11 });
  });

  test('a repeated commit leaves the very same object', () => {
    expect(write(session, creation).stored).toBe(session);
  });
});

describe('what is live, and what may be swept', () => {
  test('a session until it expires, a tombstone for its hour', () => {
    const mortal = write(undefined, creation, NOW, 10).stored as StoredSession;
    const deleted = write(session, { kind: 'delete' }).stored as StoredSession;
    const at = (stored: StoredSession, now: number) => [isLive(stored, now), isSweepable(stored, now)];
    expect(at(session, Number.MAX_SAFE_INTEGER)).toEqual([true, false]);
    expect(at(mortal, NOW + 9)).toEqual([true, false]);
    expect(at(mortal, NOW + 10)).toEqual([false, true]);
    expect(at(deleted, NOW + TOMBSTONE_MS - 1)).toEqual([false, false]);
    expect(at(deleted, NOW + TOMBSTONE_MS)).toEqual([false, true]);
    expect(isLive(undefined, NOW)).toBe(false);
  });
});

test('whatever is written, what is stored fits together', () => {
  const names = fc.constantFrom('main', 'side', '__proto__', 'constructor');
  const messages = fc.array(
    fc.string().map((text) => user(text)),
    { maxLength: 3 },
  );
  const byThread = <T>(values: fc.Arbitrary<T>) =>
    fc.array(fc.tuple(names, values), { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
  const base = fc.constantFrom('present' as const, 'stale' as const, null);
  const commands = fc.oneof(
    fc.record({
      kind: fc.constant('commit' as const),
      threads: byThread(
        fc.record(
          {
            base,
            keep: fc.nat({ max: 4 }),
            append: messages,
            turn: fc.constantFrom(null, turn, { ...turn, id: 't2' }),
          },
          { requiredKeys: ['base', 'keep', 'append'] },
        ),
      ),
      holds: byThread(fc.constantFrom('t1', 't2')),
      state: fc.option(fc.record({ base, value: fc.option(fc.jsonValue(), { nil: undefined }) }), { nil: undefined }),
      metadata: fc.option(fc.dictionary(fc.constantFrom('title', '__proto__'), fc.option(fc.string())), {
        nil: undefined,
      }),
      isRepeated: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('save' as const), threads: byThread(messages) }),
    fc.constant({ kind: 'delete' as const }),
    fc.constant({ kind: 'wait' as const }),
  );
  let refused = 0;
  let landed = 0;
  fc.assert(
    fc.property(fc.array(commands, { maxLength: 12 }), (sequence) => {
      let stored: StoredSession | undefined;
      let now = NOW;
      let number = 0;
      for (const command of sequence) {
        number += 1;
        const live: LiveSession | undefined = isLive(stored, now) ? stored : undefined;
        const versionOf = (thread: string) =>
          Object.entries(live?.versions.threads ?? {}).find(([name]) => name === thread)?.[1] ?? null;
        let given: SessionWrite;
        if (command.kind === 'wait') {
          now += 50;
          continue;
        } else if (command.kind === 'delete') given = { kind: 'delete' };
        else if (command.kind === 'save') given = save(`s${number}`, { threads: command.threads });
        else {
          const { threads, holds, state, metadata, isRepeated } = command;
          given = {
            kind: 'commit',
            change: {
              changeId: isRepeated ? `c${number - 1}` : `c${number}`,
              life: live?.life ?? null,
              holds,
              ...(metadata && { metadata }),
              ...(state && {
                state: { ...state, base: state.base === 'present' ? (live?.versions.state ?? null) : state.base },
              }),
              threads: Object.fromEntries(
                Object.entries(threads).map(([name, change]) => [
                  name,
                  { ...change, base: change.base === 'present' ? versionOf(name) : change.base },
                ]),
              ),
            },
          };
        }
        try {
          stored = write(stored, given, now, 100).stored;
          landed += 1;
        } catch {
          refused += 1;
          continue;
        }
        if (!isLive(stored, now)) continue;
        const { threads = {}, lengths, versions, openTurns = {}, recent, changes } = stored;
        const threadNames = Object.keys(threads).sort();
        expect(Object.keys(lengths).sort()).toEqual(threadNames);
        expect(Object.keys(versions.threads).sort()).toEqual(threadNames);
        for (const name of Object.keys(openTurns)) expect(threadNames).toContain(name);
        for (const [name, messages] of Object.entries(threads)) {
          expect(Object.entries(lengths)).toContainEqual([name, messages.length]);
        }
        expect(recent).toHaveLength(Math.min(16, changes));
        if ('state' in stored) expect(versions.state).not.toBeNull();
        expect(Object.values(stored)).not.toContain(undefined);
        expect(JSON.parse(JSON.stringify(stored))).toEqual(stored);
        expect(stored.expiresAt).toBeGreaterThan(now);
      }
    }),
    { numRuns: 500 },
  );
  expect(landed).toBeGreaterThan(500);
  expect(refused).toBeGreaterThan(200);
});
