import {
  applyChange,
  type LiveSession,
  own,
  REMEMBERED_CHANGES,
  type SessionChange,
  type StoredSession,
  selectMessages,
  type ThreadChange,
  type Tombstone,
} from '@sess/core/store';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf, frozen, textsOf, user } from './samples.ts';

const NOW = 1_000;
const turn = { id: 't1', at: 5, leaseMs: 100, beat: 0 };

/** Applies to a frozen session, so that whatever changes what it was given throws. */
function apply(stored: StoredSession | undefined, change: SessionChange, now = NOW, ttl?: number): LiveSession {
  return frozen(applyChange(frozen(stored), frozen(change), { sessionId: 'a', now, ttl }));
}

const thread = (base: string | null, keep: number, ...texts: string[]): ThreadChange => ({
  base,
  keep,
  append: texts.map(user),
});

function change(changeId: string, parts: Omit<SessionChange, 'changeId' | 'life'> = {}): SessionChange {
  return { changeId, life: 'c1', ...parts };
}

const session = apply(undefined, {
  changeId: 'c1',
  life: null,
  owner: 'user-7',
  state: { base: null, value: { mood: 'calm' } },
  threads: { main: thread(null, 0, 'one', 'two'), side: thread(null, 0, 'aside') },
  metadata: { title: 'Trip', labels: ['a'] },
});

describe('a creation', () => {
  test('has its own id as life and as version of all that it writes', () => {
    expect(session).toEqual({
      id: 'a',
      life: 'c1',
      state: { mood: 'calm' },
      threads: { main: [user('one'), user('two')], side: [user('aside')] },
      versions: { state: 'c1', threads: { main: 'c1', side: 'c1' } },
      lengths: { main: 2, side: 1 },
      changes: 1,
      createdAt: NOW,
      updatedAt: NOW,
      owner: 'user-7',
      metadata: { title: 'Trip', labels: ['a'] },
      recent: ['c1'],
    });
  });

  test('may be empty', () => {
    expect(apply(undefined, { changeId: 'c1', life: null })).toEqual({
      id: 'a',
      life: 'c1',
      threads: {},
      versions: { state: null, threads: {} },
      lengths: {},
      changes: 1,
      createdAt: NOW,
      updatedAt: NOW,
      recent: ['c1'],
    });
  });

  test('is refused where there is a session, and where it demands parts that cannot be there', async () => {
    await errorOf(() => apply(session, { changeId: 'c2', life: null }), 'ALREADY_EXISTS');
    const onOld = { changeId: 'c1', life: null, threads: { main: thread('c0', 0) } };
    const error = await errorOf(() => apply(undefined, onOld), 'CONFLICT');
    expect(error.parts).toEqual({ threads: { main: { version: null, length: 0 } } });
  });

  test('over an expired session begins another life, with nothing of the old one', () => {
    const old = apply(undefined, { changeId: 'c0', life: null, owner: 'user-1', metadata: { title: 'old' } }, NOW, 10);
    expect(apply(old, { changeId: 'c1', life: null }, NOW + 10)).toEqual(
      apply(undefined, { changeId: 'c1', life: null }, NOW + 10),
    );
  });
});

describe('a change of a thread', () => {
  test.each([
    ['appends', thread('c1', 2, 'three'), ['one', 'two', 'three']],
    ['edits', thread('c1', 1, 'two, corrected', 'three'), ['one', 'two, corrected', 'three']],
    ['truncates', thread('c1', 1), ['one']],
    ['resets', thread('c1', 0), []],
    ['replaces', thread('c1', 0, 'anew'), ['anew']],
    ['leaves the messages', thread('c1', 2), ['one', 'two']],
  ])('%s, and touches nothing else', (_, main, texts) => {
    const after = apply(session, change('c2', { threads: { main } }), NOW + 1);
    expect(after).toEqual({
      ...session,
      threads: { ...session.threads, main: texts.map(user) },
      versions: { state: 'c1', threads: { main: 'c2', side: 'c1' } },
      lengths: { main: texts.length, side: 1 },
      changes: 2,
      updatedAt: NOW + 1,
      recent: ['c1', 'c2'],
    });
  });

  test('with null as base demands that the thread is absent, also where it is empty', async () => {
    const after = apply(session, change('c2', { threads: { new: thread(null, 0), main: thread('c1', 0) } }));
    expect(after.versions.threads).toEqual({ main: 'c2', side: 'c1', new: 'c2' });
    for (const name of ['new', 'main']) {
      await errorOf(() => apply(after, change('c3', { threads: { [name]: thread(null, 0) } })), 'CONFLICT');
    }
  });

  test('keeps at most what there is', async () => {
    for (const [name, keep] of [
      ['main', 3],
      ['new', 1],
    ] as const) {
      const base = own(session.versions.threads, name) ?? null;
      const error = await errorOf(
        () => apply(session, change('c2', { threads: { [name]: thread(base, keep) } })),
        'INVALID_ARGUMENT',
      );
      expect(error).toMatchObject({ sessionId: 'a', thread: name });
    }
  });

  test('that conflicts is told so before its keep is looked at', async () => {
    await errorOf(() => apply(session, change('c2', { threads: { main: thread('c0', 99) } })), 'CONFLICT');
    const mixed = { main: thread('c1', 99), side: thread('c0', 0) };
    await errorOf(() => apply(session, change('c2', { threads: mixed })), 'CONFLICT');
  });
});

describe('a change of the state', () => {
  test('replaces it', () => {
    const after = apply(session, change('c2', { state: { base: 'c1', value: ['new'] } }), NOW + 1);
    expect(after).toMatchObject({ state: ['new'], versions: { state: 'c2' }, updatedAt: NOW + 1 });
    expect(after.versions.threads).toEqual(session.versions.threads);
  });

  test('with undefined clears it, and null is no base for it then', async () => {
    const after = apply(session, change('c2', { state: { base: 'c1', value: undefined } }));
    expect(after).not.toHaveProperty('state');
    expect(after.versions.state).toBe('c2');
    await errorOf(() => apply(after, change('c3', { state: { base: null, value: 1 } })), 'CONFLICT');
    expect(apply(after, change('c3', { state: { base: 'c2', value: null } })).state).toBeNull();
  });
});

describe('a conflict', () => {
  test('names each part in conflict with its version, and no other', async () => {
    const error = await errorOf(
      () =>
        apply(
          session,
          change('c2', {
            state: { base: null, value: 1 },
            threads: { main: thread('c0', 0), side: thread('c1', 1), gone: thread('c0', 0) },
          }),
        ),
      'CONFLICT',
    );
    expect(error.parts).toEqual({
      state: { version: 'c1' },
      threads: { main: { version: 'c1', length: 2 }, gone: { version: null, length: 0 } },
    });
    expect(error).not.toHaveProperty('outcome');
  });

  test('of another life names the life only', async () => {
    const other = { ...change('c2', { threads: { main: thread('c0', 0) } }), life: 'c0' };
    expect((await errorOf(() => apply(session, other), 'CONFLICT')).parts).toEqual({ life: { version: 'c1' } });
  });

  test('covers only the parts that the change touches', () => {
    const onSide = apply(session, change('c2', { threads: { side: thread('c1', 1, 'more') } }));
    const onState = apply(onSide, change('c3', { state: { base: 'c1', value: 1 } }));
    const after = apply(onState, change('c4', { threads: { main: thread('c1', 2, 'three') } }));
    expect(after.versions).toEqual({ state: 'c3', threads: { main: 'c4', side: 'c2' } });
  });
});

describe('metadata', () => {
  test('is merged key by key, null removes', () => {
    const after = apply(session, change('c2', { metadata: { title: null, labels: { b: 1 }, color: 'red' } }), NOW + 1);
    expect(after).toMatchObject({ metadata: { labels: { b: 1 }, color: 'red' }, updatedAt: NOW + 1 });
    expect(after.metadata).not.toHaveProperty('title');
    expect(after.versions).toEqual(session.versions);
  });

  test('without keys is absent', () => {
    const after = apply(session, change('c2', { metadata: { title: null, labels: null, never: null } }));
    expect(after).not.toHaveProperty('metadata');
  });
});

describe('open turns', () => {
  const open = apply(session, change('c2', { threads: { main: { ...thread('c1', 2, 'three'), turn } } }));

  test('are opened, left, replaced and closed with their thread', () => {
    expect(open.openTurns).toEqual({ main: turn });
    const left = apply(open, change('c3', { threads: { main: thread('c2', 3, 'four') } }));
    expect(left.openTurns).toEqual({ main: turn });
    const replaced = apply(
      left,
      change('c4', { threads: { main: { ...thread('c3', 4), turn: { ...turn, id: 't2' } } } }),
    );
    expect(replaced.openTurns).toEqual({ main: { ...turn, id: 't2' } });
    const closed = apply(replaced, change('c5', { threads: { main: { ...thread('c4', 4), turn: null } } }));
    expect(closed).not.toHaveProperty('openTurns');
  });

  test('may be closed where none is open', () => {
    const after = apply(session, change('c2', { threads: { main: { ...thread('c1', 2), turn: null } } }));
    expect(after).not.toHaveProperty('openTurns');
  });

  test('a hold raises the beat, and changes nothing else that is seen', () => {
    const after = apply(open, change('c3', { holds: { main: 't1' } }), NOW + 5);
    expect(after).toEqual({
      ...open,
      openTurns: { main: { ...turn, beat: 1 } },
      changes: 3,
      recent: ['c1', 'c2', 'c3'],
    });
  });

  test('a hold of a turn that is not open there is a conflict of that thread', async () => {
    for (const [holds, name] of [
      [{ main: 't0' }, 'main'],
      [{ side: 't1' }, 'side'],
      [{ new: 't1' }, 'new'],
    ] as const) {
      const error = await errorOf(() => apply(open, change('c3', { holds })), 'CONFLICT');
      expect(Object.keys(error.parts?.threads ?? {})).toEqual([name]);
    }
    const other = { holds: { main: 't0' }, threads: { main: thread('c2', 3, 'four') } };
    expect((await errorOf(() => apply(open, change('c3', other)), 'CONFLICT')).parts).toEqual({
      threads: { main: { version: 'c2', length: 3 } },
    });
  });

  test('a change with holds raises the beats of held turns whose thread it leaves, and no other', () => {
    const two = apply(open, change('c3', { threads: { side: { ...thread('c1', 1), turn: { ...turn, id: 't2' } } } }));
    const onSide = { holds: { main: 't1', side: 't2' }, threads: { side: thread('c3', 1, 'more') } };
    expect(apply(two, change('c4', onSide)).openTurns).toEqual({
      main: { ...turn, beat: 1 },
      side: { ...turn, id: 't2' },
    });
    const onState = { holds: { main: 't1' }, state: { base: 'c1', value: 1 } };
    expect(apply(two, change('c4', onState)).openTurns).toEqual({
      main: { ...turn, beat: 1 },
      side: { ...turn, id: 't2' },
    });
  });

  test('a change that holds and closes does both', () => {
    const close = { holds: { main: 't1' }, threads: { main: { ...thread('c2', 3, 'four'), turn: null } } };
    expect(apply(open, change('c3', close))).not.toHaveProperty('openTurns');
  });

  test('a change of the thread without holds does not ask for the turn', () => {
    expect(apply(open, change('c3', { threads: { main: thread('c2', 3) } })).openTurns).toEqual({ main: turn });
  });
});

describe('an empty change', () => {
  test('counts, is remembered, and leaves all else', () => {
    expect(apply(session, change('c2'), NOW + 1)).toEqual({ ...session, changes: 2, recent: ['c1', 'c2'] });
    expect(apply(session, change('c2', { threads: {}, holds: {} }), NOW + 1)).toMatchObject({ updatedAt: NOW });
  });

  test('is refused for another life, and for no session', async () => {
    await errorOf(() => apply(session, { changeId: 'c2', life: 'c0' }), 'CONFLICT');
    await errorOf(() => apply(undefined, { changeId: 'c2', life: 'c1' }), 'NOT_FOUND');
  });
});

describe('expiry', () => {
  test('slides with every change, rounded up to a whole millisecond', () => {
    const after = apply(session, change('c2'), NOW, 10);
    expect(after.expiresAt).toBe(NOW + 10);
    expect(apply(after, change('c3'), NOW + 9, 10).expiresAt).toBe(NOW + 19);
    expect(apply(after, change('c3'), NOW, 0.25).expiresAt).toBe(NOW + 1);
    expect(apply(after, change('c3'), NOW + 0.5, 10).expiresAt).toBe(NOW + 11);
    expect(apply(after, change('c3'), NOW)).not.toHaveProperty('expiresAt');
  });

  test('a session is there until then, and not at that moment', async () => {
    const mortal = apply(session, change('c2'), NOW, 10);
    expect(apply(mortal, change('c3'), NOW + 9).changes).toBe(3);
    for (const now of [NOW + 10, NOW + 11]) {
      await errorOf(() => apply(mortal, change('c3'), now), 'NOT_FOUND');
      await errorOf(() => apply(mortal, { ...change('c2'), retry: true }, now), 'NOT_FOUND');
    }
  });

  test('the late retry of the creation of an expired session is NOT_FOUND', async () => {
    const mortal = apply(undefined, { changeId: 'c1', life: null }, NOW, 10);
    await errorOf(() => apply(mortal, { changeId: 'c1', life: null, retry: true }, NOW + 10), 'NOT_FOUND');
  });
});

describe('a tombstone', () => {
  const tombstone: Tombstone = { id: 'a', life: 'c1', deletedUntil: NOW + 5 };

  test('refuses the retry of the creation and changes of its life, and gives way to another life', async () => {
    await errorOf(() => apply(tombstone, { changeId: 'c1', life: null, retry: true }), 'NOT_FOUND');
    await errorOf(() => apply(tombstone, change('c2')), 'NOT_FOUND');
    expect(apply(tombstone, { changeId: 'c2', life: null }).life).toBe('c2');
  });
});

describe('a repeated change', () => {
  test('is recognised before any condition, and leaves the very same object', () => {
    const moved = apply(session, change('c2', { threads: { main: thread('c1', 2, 'three') } }));
    const later = apply(moved, change('c3', { threads: { main: thread('c2', 3, 'four') } }));
    for (const repeated of [
      { changeId: 'c1', life: null },
      change('c2', { threads: { main: thread('c1', 2, 'three') } }),
      change('c3', { threads: { main: thread('c0', 99) } }),
    ]) {
      expect(apply(later, repeated)).toBe(later);
      expect(apply(later, { ...repeated, retry: true })).toBe(later);
    }
  });

  test('of which the session remembers the last 16, and its creation for ever', async () => {
    let later = session;
    for (let number = 2; number <= 17; number++) later = apply(later, change(`c${number}`));
    expect(later.recent).toHaveLength(REMEMBERED_CHANGES);
    expect(apply(later, change('c2'))).toBe(later);
    expect(apply(later, { changeId: 'c1', life: null })).toBe(later);

    const more = apply(later, change('c18'));
    expect(more.recent).toHaveLength(REMEMBERED_CHANGES);
    expect(apply(more, { changeId: 'c1', life: null })).toBe(more);
    expect(apply(more, change('c2'))).not.toBe(more);
  });

  test.each([true, false])('never claims a wrong outcome, whether its first try landed (%s) or not', async (landed) => {
    const tried = change('mine', { threads: { main: thread('c1', 2, 'mine') }, seen: session.changes });
    let now = landed ? apply(session, tried) : session;
    for (let others = 0; others <= 40; others++) {
      const before = now;
      const outcome = await Promise.resolve()
        .then(() => apply(before, { ...tried, retry: true }))
        .catch((error) => error);
      if (outcome instanceof Error) {
        expect(outcome).toMatchObject({ code: 'CONFLICT' });
        if (landed) expect(outcome).toMatchObject({ outcome: 'unknown' });
        else if (others < 16) expect(outcome).not.toHaveProperty('outcome');
        else expect(outcome).toMatchObject({ outcome: 'unknown' });
      } else if (landed) {
        expect(outcome).toBe(before);
        expect(others).toBeLessThan(16);
      } else expect(others).toBe(0);
      const base = own(now.versions.threads, 'main') ?? null;
      now = apply(now, change(`other ${others}`, { threads: { main: thread(base, own(now.lengths, 'main') ?? 0) } }));
    }
  });

  test('that conflicts is unknown without seen, or in another life; one that is not repeated never is', async () => {
    const stale = change('c2', { threads: { main: thread('c0', 0) } });
    const outcomeOf = async (tried: SessionChange) => (await errorOf(() => apply(session, tried), 'CONFLICT')).outcome;
    expect(await outcomeOf({ ...stale, retry: true })).toBe('unknown');
    expect(await outcomeOf({ ...stale, retry: true, seen: 1, life: 'c0' })).toBe('unknown');
    expect(await outcomeOf({ ...stale, retry: true, seen: 1 })).toBeUndefined();
    expect(await outcomeOf({ ...stale, seen: -99 })).toBeUndefined();
    expect(await outcomeOf({ ...stale, life: 'c0' })).toBeUndefined();
  });
});

describe('names of threads and keys', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'a.b', '$set', ' '])(
    '%j is ordinary',
    (name) => {
      const named = <T>(value: T): Record<string, T> => Object.fromEntries([[name, value]]);
      const empty = apply(undefined, { changeId: 'c1', life: null });
      const first = apply(
        empty,
        change('c2', { threads: named({ ...thread(null, 0, 'one'), turn }), metadata: named('title') }),
      );
      const held = apply(first, change('c3', { holds: named('t1') }));
      const second = apply(held, change('c4', { threads: named({ ...thread('c2', 1, 'two'), turn: null }) }));
      expect(Object.entries(second.threads ?? {})).toEqual([[name, [user('one'), user('two')]]]);
      expect(Object.entries(held.openTurns ?? {})).toEqual([[name, { ...turn, beat: 1 }]]);
      expect(Object.entries(second.versions.threads)).toEqual([[name, 'c4']]);
      expect(Object.entries(second.lengths)).toEqual([[name, 2]]);
      expect(Object.entries(second.metadata ?? {})).toEqual([[name, 'title']]);
      expect(second).not.toHaveProperty('openTurns');
    },
  );
});

describe('a session that was read in part', () => {
  const many = apply(
    session,
    change('c2', { threads: { main: thread('c1', 2, 'three', 'four', 'five'), other: thread(null, 0, 'x', 'y') } }),
  );

  test('is changed like the whole one, and stays partial', () => {
    const main = fc.integer({ min: 0, max: 5 }).map((keep) => ({ main: thread('c2', keep, 'new') }));
    const other = fc.integer({ min: 0, max: 2 }).map((keep) => ({ other: thread('c2', keep, 'new') }));
    const fresh = fc.constant({ fresh: thread(null, 0, 'new') });
    const reads = fc.record(
      {
        last: fc.integer({ min: 0, max: 6 }),
        before: fc.integer({ min: 0, max: 6 }),
        threads: fc.subarray(['main', 'side', 'other']),
      },
      { requiredKeys: ['last'] },
    );
    fc.assert(
      fc.property(reads, fc.oneof(main, other, fresh), ({ before: _, ...read }, threads) => {
        const whole = apply(many, change('c3', { threads }));
        const part = apply(selectMessages(many, read), change('c3', { threads }));
        expect(part.versions).toEqual(whole.versions);
        expect(part.lengths).toEqual(whole.lengths);
        for (const [name, offset] of Object.entries(part.partial?.offsets ?? {})) {
          expect(textsOf(own(part.threads, name))).toEqual(textsOf(own(whole.threads, name)?.slice(offset)));
        }
      }),
    );
  });

  test('a thread that was not loaded has its new messages at their places', () => {
    const part = apply(
      selectMessages(many, { threads: ['side'] }),
      change('c3', { threads: { main: thread('c2', 5, 'six') } }),
    );
    expect(part.partial).toEqual({ offsets: { side: 0, main: 5 } });
    expect(textsOf(own(part.threads, 'main'))).toEqual(['six']);
  });
});

/**
 * A reads the session; others do up to four operations; A commits on the bases that it read. Whether that may pass is
 * judged by marks which are no part of the session.
 */
describe('every short history', () => {
  interface World {
    stored: LiveSession | Tombstone | undefined;
    now: number;
    /** New whenever the part is written or the session gone. */
    main: symbol;
    state: symbol;
  }
  const TTL = 100;
  let ids = 0;
  const fresh = () => `id ${ids++}`;
  const live = ({ stored, now }: World) =>
    stored && !('deletedUntil' in stored) && (stored.expiresAt ?? 0) > now ? stored : undefined;
  const commit = (world: World, parts: Omit<SessionChange, 'changeId'>): World => ({
    ...world,
    stored: apply(world.stored, { changeId: fresh(), ...parts }, world.now, TTL),
  });
  const onMain = ({ versions, lengths }: LiveSession, keep: number | undefined, ...texts: string[]) => ({
    main: thread(own(versions.threads, 'main') ?? null, keep ?? own(lengths, 'main') ?? 0, ...texts),
  });

  const operations: Record<string, (world: World, session: LiveSession | undefined) => World | undefined> = {
    append: (world, session) =>
      session && { ...commit(world, { life: session.life, threads: onMain(session, undefined, 'x') }), main: Symbol() },
    reset: (world, session) =>
      session && { ...commit(world, { life: session.life, threads: onMain(session, 0) }), main: Symbol() },
    setState: (world, session) =>
      session && {
        ...commit(world, { life: session.life, state: { base: session.versions.state, value: 1 } }),
        state: Symbol(),
      },
    clearState: (world, session) =>
      session && {
        ...commit(world, { life: session.life, state: { base: session.versions.state, value: undefined } }),
        state: Symbol(),
      },
    writeAside: (world, session) =>
      session &&
      commit(world, {
        life: session.life,
        threads: { side: thread(own(session.versions.threads, 'side') ?? null, 0, 'aside') },
        metadata: { title: 'Trip' },
      }),
    touch: (world, session) => session && commit(world, { life: session.life }),
    create: (world, session) =>
      session
        ? undefined
        : {
            ...commit(world, { life: null, threads: { main: thread(null, 0, 'x') } }),
            main: Symbol(),
            state: Symbol(),
          },
    createEmpty: (world, session) =>
      session ? undefined : { ...commit(world, { life: null }), main: Symbol(), state: Symbol() },
    remove: (world, session) =>
      session && {
        ...world,
        stored: { id: 'a', life: session.life, deletedUntil: world.now + 10_000 },
        main: Symbol(),
        state: Symbol(),
      },
    expire: (world, session) => session && { ...world, now: world.now + TTL, main: Symbol(), state: Symbol() },
  };

  test('lets no stale commit pass, and refuses none wrongly', () => {
    const seen = { passed: 0, refused: 0 };
    const judge = (before: World, session: LiveSession, after: World) => {
      const verdicts: [SessionChange, boolean][] = [
        [
          { changeId: fresh(), life: session.life, threads: onMain(session, undefined, 'mine') },
          before.main === after.main,
        ],
        [{ changeId: fresh(), life: session.life, threads: onMain(session, 0) }, before.main === after.main],
        [
          { changeId: fresh(), life: session.life, state: { base: session.versions.state, value: 'mine' } },
          before.state === after.state,
        ],
      ];
      for (const [tried, mayPass] of verdicts) {
        let passed = true;
        try {
          apply(after.stored, tried, after.now, TTL);
        } catch {
          passed = false;
        }
        if (passed !== mayPass) throw new Error(`${passed ? 'passed' : 'was refused'}: ${JSON.stringify(tried)}`);
        seen[passed ? 'passed' : 'refused'] += 1;
      }
    };
    const explore = (before: World, session: LiveSession, after: World, depth: number, history: string[]) => {
      try {
        judge(before, session, after);
      } catch (cause) {
        throw new Error(`After ${history.join(', ') || 'nothing'}, a commit ${(cause as Error).message}`);
      }
      if (depth === 0) return;
      for (const [name, operate] of Object.entries(operations)) {
        const next = operate(after, live(after));
        if (next) explore(before, session, next, depth - 1, [...history, name]);
      }
    };
    const starts = [
      ['create'],
      ['createEmpty'],
      ['create', 'append'],
      ['create', 'reset'],
      ['create', 'setState'],
      ['createEmpty', 'clearState'],
      ['create', 'remove', 'create'],
      ['create', 'expire', 'createEmpty'],
    ];
    for (const start of starts) {
      let world: World | undefined = { stored: undefined, now: NOW, main: Symbol(), state: Symbol() };
      for (const name of start) world = world && operations[name]?.(world, live(world));
      const session = world && live(world);
      if (!world || !session) throw new Error(`Nobody can start with ${start}.`);
      explore(world, session, world, 4, start);
    }
    expect(seen.passed).toBeGreaterThan(5_000);
    expect(seen.refused).toBeGreaterThan(20_000);
  });
});
