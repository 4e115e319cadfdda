import { type FullSessionStore, SessError, type SessErrorCode } from '@sess/core/store';
import { equal, ok } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { describeError } from '../describe-value.ts';
import { ConformanceFailure } from '../failure.ts';
import { defineCase } from './define-case.ts';
import { content, messages, user } from './sample.ts';

const codes: Readonly<Record<SessErrorCode, true>> = {
  INVALID_ARGUMENT: true,
  INVALID_ID: true,
  INVALID_STATE: true,
  NOT_SERIALIZABLE: true,
  NOT_FOUND: true,
  ALREADY_EXISTS: true,
  CONFLICT: true,
  BUSY: true,
  TOO_LARGE: true,
  CORRUPT: true,
  UNSUPPORTED: true,
  CLOSED: true,
  ABORTED: true,
  LIMIT_REACHED: true,
  NO_SESSION: true,
  NOT_LOADED: true,
  INTERRUPT_PENDING: true,
  STORE_FAILED: true,
  MODEL_FAILED: true,
  TOOL_FAILED: true,
};
const SECRET = 'kumquat-7391';
const LOST_CONNECTION_MS = 30_000;

/** ERROR: failures. */
export const errorCases: readonly ConformanceCase[] = [
  defineCase('ERROR-1.1', 'a broken backend is no empty history', ['break'], async ({ open }) => {
    const { store, break: breakBackend } = await open();
    await store.save('a', { state: 1, threads: { main: messages(0, 3) } });
    await breakBackend?.();
    const answer = await settle(store.get('a'));
    ok(
      answer.error !== undefined,
      'get from a broken backend must reject',
      'errors are caught and answered as undefined, or as an empty session',
    );
  }),
  defineCase('ERROR-1.2', 'a write to a broken backend rejects or has landed', ['break'], async ({ open }) => {
    const { store, break: breakBackend } = await open();
    await store.save('a', { state: 1, threads: { main: messages(0, 3) } });
    await breakBackend?.();
    const written = await settle(store.save('a', { state: 2, threads: { main: messages(0, 1) } }));
    if (written.error !== undefined) return;
    const cause = 'errors are caught, and save resolves as if it had written';
    const answer = await settle(content(store, 'a'));
    ok(answer.error === undefined, 'what save acknowledged must be read back', cause);
    equal(answer.value, { state: 2, threads: { main: messages(0, 1) } }, 'get after save resolved', cause);
  }),
  defineCase(
    'ERROR-1.3',
    'no operation takes a broken backend for an absent session',
    ['full', 'break'],
    async ({ open }) => {
      const { store, break: breakBackend } = await open();
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        owner: 'ada',
        threads: { main: { base: null, keep: 0, append: messages(0, 3) } },
      });
      await breakBackend?.();
      const calls = {
        'get of a part': () => store.get('a', { last: 1 }),
        commit: () =>
          store.commit('a', {
            changeId: 'c2',
            life: 'c1',
            threads: { main: { base: 'c1', keep: 3, append: messages(3, 4) } },
          }),
      };
      for (const [what, call] of Object.entries(calls)) {
        const { error } = await settle(call());
        ok(error !== undefined, `${what} at a broken backend must reject`);
        checkCoded(error, what);
        ok(!SessError.is(error, 'NOT_FOUND'), `${what} at a broken backend must not say NOT_FOUND`);
      }
      const created = await settle(store.commit('a', { changeId: 'c3', life: null }));
      ok(created.error !== undefined, 'a creation must not take a session that cannot be read for an absent one');
    },
  ),
  defineCase('ERROR-1.4', 'listing does not hide what cannot be read', ['full', 'list', 'break'], async ({ open }) => {
    const { store, break: breakBackend } = await open();
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada' });
    await breakBackend?.();
    const { supports } = store;
    if (!supports.list) return;
    // A file's owner is inside of it: what cannot be read is told of only where all are listed.
    const orderBy = supports.list.orders[0] ?? 'updatedAt';
    const { error, value } = await settle(
      store.list(supports.list.scope === 'owner' ? { owner: 'ada', orderBy } : { orderBy }),
    );
    if (error !== undefined) {
      checkCoded(error, 'list');
      return;
    }
    const page = value as Awaited<ReturnType<FullSessionStore['list']>>;
    const told = (page.unreadable?.length ?? 0) + page.sessions.length;
    ok(told > 0, 'list must reject, or tell of the session that cannot be read in unreadable');
  }),
  defineCase('ERROR-2.1', 'every error has its code and what it is about', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
    });
    for (const { what, sessionId, call } of failingCalls()) {
      const { error } = await settle(call(store));
      if (error === undefined) continue; // of other clauses
      const found = checkCoded(error, what);
      ok(typeof found.store === 'string' && found.store !== '', `the error of ${what} must name the store`);
      equal(found.sessionId, sessionId, `sessionId of the error of ${what}`);
    }
  }),
  defineCase(
    'ERROR-3.1',
    'a lost connection ends in a coded error or in the right answer',
    ['disconnect'],
    async ({ open, full }) => {
      const { store, disconnect } = await open();
      await store.save('a', { state: 1, threads: { main: messages(0, 2) } });
      await disconnect?.();
      const read = await within(store.get('a'), 'get');
      if (read.error === undefined)
        equal((read.value as { state?: unknown } | undefined)?.state, 1, 'get after the connection was lost');
      else if (full) checkCoded(read.error, 'get after the connection was lost');
      const saved = await within(store.save('a', { state: 2 }), 'save');
      if (saved.error !== undefined && full) checkCoded(saved.error, 'save after the connection was lost');
      if (!full) return;
      const calls = {
        commit: () => store.commit('b', { changeId: 'c1', life: null }),
        delete: () => store.delete('c'),
      };
      for (const [what, call] of Object.entries(calls)) {
        const { error } = await within(call(), what);
        if (error !== undefined) checkCoded(error, `${what} after the connection was lost`);
      }
    },
    { timeoutMs: 150_000 },
  ),
  defineCase('ERROR-4.1', 'no message holds content', ['full'], async ({ open }) => {
    const { store } = await open();
    const secret = { base: null, keep: 0, append: [user(SECRET)] };
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      state: { base: null, value: { SECRET } },
      metadata: { SECRET },
      threads: { main: secret },
    });
    const calls: (() => Promise<unknown>)[] = [
      () => store.commit('a', { changeId: 'c2', life: null, threads: { main: secret } }),
      () =>
        store.commit('a', {
          changeId: 'c2',
          life: 'c1',
          threads: { main: secret },
          state: { base: null, value: SECRET },
        }),
      () => store.commit('a', { changeId: 'c2', life: 'c1', threads: { main: { ...secret, base: 'c1', keep: 9 } } }),
      () => store.commit('b', { changeId: 'c2', life: 'c1', threads: { main: secret } }),
      () => store.save('a', { state: { list: [SECRET, 1n] }, threads: { main: [user(SECRET)] } }),
      () => store.save('a', { state: { text: `${SECRET}\ud800` } }),
      () => store.save('a', { threads: { main: SECRET as never } }),
    ];
    for (const call of calls) {
      const { error } = await settle(call());
      if (!(error instanceof Error)) continue; // of other clauses
      ok(!error.message.includes(SECRET), 'the message of an error must not hold content');
    }
  }),
  defineCase('ERROR-4.2', 'no message of a failed backend holds content', ['full', 'break'], async ({ open }) => {
    const { store, break: breakBackend } = await open();
    await store.save('a', { state: { SECRET }, threads: { main: [user(SECRET)] } });
    await breakBackend?.();
    for (const call of [() => store.get('a'), () => store.save('a', { threads: { main: [user(SECRET)] } })]) {
      const { error } = await settle(call());
      if (error instanceof Error) ok(!error.message.includes(SECRET), 'the message of an error must not hold content');
    }
  }),
  defineCase('ERROR-5.1', 'the message names the session', ['full'], async ({ open }) => {
    const { store } = await open();
    const id = 'session-4711';
    await store.commit(id, { changeId: 'c1', life: null });
    for (const [what, call] of Object.entries({
      ALREADY_EXISTS: () => store.commit(id, { changeId: 'c2', life: null }),
      CONFLICT: () => store.commit(id, { changeId: 'c2', life: 'other' }),
      NOT_FOUND: () => store.commit(`${id}x`, { changeId: 'c2', life: 'other' }),
    })) {
      const { error } = await settle(call());
      ok(!(error instanceof Error) || error.message.includes(id), `the message of ${what} must name the session`);
    }
  }),
];

function failingCalls(): {
  what: string;
  sessionId: string | undefined;
  call(store: FullSessionStore): Promise<unknown>;
}[] {
  return [
    { what: 'a second creation', sessionId: 'a', call: (store) => store.commit('a', { changeId: 'c2', life: null }) },
    {
      what: 'a change of an absent session',
      sessionId: 'b',
      call: (store) => store.commit('b', { changeId: 'c2', life: 'c1' }),
    },
    {
      what: 'a change of another life',
      sessionId: 'a',
      call: (store) => store.commit('a', { changeId: 'c2', life: 'other' }),
    },
    {
      what: 'a keep beyond the end',
      sessionId: 'a',
      call: (store) =>
        store.commit('a', { changeId: 'c2', life: 'c1', threads: { main: { base: 'c1', keep: 9, append: [] } } }),
    },
    { what: 'save of a BigInt', sessionId: 'a', call: (store) => store.save('a', { state: 1n }) },
    { what: 'a malformed read', sessionId: 'a', call: (store) => store.get('a', { last: -1 }) },
    { what: 'get of an empty id', sessionId: '', call: (store) => store.get('') },
    {
      what: 'delete of an id that is too long',
      sessionId: 'x'.repeat(513),
      call: (store) => store.delete('x'.repeat(513)),
    },
    { what: 'get of an object', sessionId: undefined, call: (store) => store.get({ $gt: '' } as never) },
    { what: 'a malformed query', sessionId: undefined, call: (store) => store.list({ limit: 0 }) },
  ];
}

/** The error, which must be a SessError with a code of the contract. */
function checkCoded(error: unknown, what: string): SessError {
  if (SessError.is(error) && Object.hasOwn(codes, error.code)) return error;
  throw new ConformanceFailure(
    `the error of ${what} must be a SessError with a code of the contract, and is ${describeError(error)}`,
  );
}

async function settle(promise: Promise<unknown>): Promise<{ value?: unknown; error?: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}

async function within(promise: Promise<unknown>, what: string): Promise<{ value?: unknown; error?: unknown }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), LOST_CONNECTION_MS);
  });
  const outcome = await Promise.race([settle(promise), late]);
  clearTimeout(timer);
  if (outcome === 'late')
    throw new ConformanceFailure(
      `${what} after the connection was lost must end within half a minute`,
      [],
      'the driver retries for ever: bound its retries',
    );
  return outcome;
}
