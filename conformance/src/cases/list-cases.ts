import type { FullSessionStore, SessionInfo, SessionPage, SessionQuery } from '@sess/core/store';
import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { differences } from '../differences.ts';
import { defineCase } from './define-case.ts';
import { messages, read } from './sample.ts';

/** For how long (ms) a store with lagging lists is asked again. */
const LAG_MS = 20_000;

/** LIST: finding sessions. Every session has an owner, so that the cases serve both scopes. */
export const listCases: readonly ConformanceCase[] = [
  defineCase('LIST-1.1', 'sessions are listed as their records have them', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      owner: 'ada',
      state: { base: null, value: 1 },
      metadata: { title: 'A', labels: ['x'] },
      threads: { main: { base: null, keep: 0, append: messages(0, 3) }, side: { base: null, keep: 0, append: [] } },
    });
    await store.commit('b', { changeId: 'c1', life: null, owner: 'ada' });
    const expected = [await infoOf(store, 'a'), await infoOf(store, 'b')];
    await listed(store, { owner: 'ada' }, (sessions) => equal(byId(sessions), expected, 'list of two sessions'));
  }),
  defineCase('LIST-1.2', 'listing follows changes and saves', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada', metadata: { title: 'old' } });
    await store.commit('a', {
      changeId: 'c2',
      life: 'c1',
      metadata: { title: 'new' },
      threads: { main: { base: null, keep: 0, append: messages(0, 2) } },
    });
    const changed = await infoOf(store, 'a');
    await listed(store, { owner: 'ada' }, (sessions) => equal(sessions, [changed], 'list after a change'));
    await store.save('a', { threads: { main: messages(0, 1) } });
    const saved = await infoOf(store, 'a');
    await listed(store, { owner: 'ada' }, (sessions) => equal(sessions, [saved], 'list after save'));
  }),
  defineCase('LIST-1.3', 'listing tells the expiry', ['full', 'list', 'ttl'], async ({ open, time }) => {
    const { store } = await open({ ttl: 3_600_000, time: time() });
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada' });
    const expected = await infoOf(store, 'a');
    ok(expected.expiresAt !== undefined, 'a record of a store with ttl must have expiresAt');
    await listed(store, { owner: 'ada' }, (sessions) =>
      equal(sessions, [expected], 'list of a session that will expire'),
    );
  }),
  defineCase('LIST-1.4', 'what list answers is a copy', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada', metadata: { labels: ['x'] } });
    const expected = await infoOf(store, 'a');
    await listed(store, { owner: 'ada' }, (sessions) => equal(sessions, [expected], 'list of one session'));
    const { sessions } = await store.list({ owner: 'ada' });
    (sessions[0]?.metadata?.labels as string[] | undefined)?.push('y');
    equal(
      await infoOf(store, 'a'),
      expected,
      'the record after an answer of list was changed',
      'the stored object itself is handed out: answer a copy',
    );
  }),
  defineCase(
    'LIST-2.1',
    'newest first, and activity moves a session to the front',
    ['full', 'list', 'ttl'],
    async ({ open, time }) => {
      const clock = time();
      const { store } = await open({ ttl: 3_600_000, time: clock });
      for (const id of ['a', 'b', 'c']) {
        await clock.until(clock.now() + 20);
        await store.commit(id, { changeId: `c-${id}`, life: null, owner: 'ada' });
      }
      const orders: SessionQuery[] = [{ owner: 'ada' }, { owner: 'ada', orderBy: 'updatedAt' }];
      if (!orderedBy(store, 'updatedAt')) return;
      for (const query of orders)
        await listed(store, query, (sessions) => equal(idsOf(sessions), ['c', 'b', 'a'], 'ids by last activity'));
      await clock.until(clock.now() + 20);
      await store.commit('a', { changeId: 'c2', life: 'c-a', state: { base: null, value: 1 } });
      await clock.until(clock.now() + 20);
      await store.commit('b', { changeId: 'c3', life: 'c-b' });
      for (const query of orders)
        await listed(store, query, (sessions) =>
          equal(idsOf(sessions), ['a', 'c', 'b'], 'ids by last activity, after a was changed and b only touched'),
        );
    },
  ),
  defineCase(
    'LIST-2.2',
    'newest first by creation',
    ['full', 'list', 'list by createdAt', 'ttl'],
    async ({ open, time }) => {
      const clock = time();
      const { store } = await open({ ttl: 3_600_000, time: clock });
      for (const id of ['a', 'b', 'c']) {
        await clock.until(clock.now() + 20);
        await store.commit(id, { changeId: `c-${id}`, life: null, owner: 'ada' });
      }
      await clock.until(clock.now() + 20);
      await store.commit('a', { changeId: 'c2', life: 'c-a', state: { base: null, value: 1 } });
      await listed(store, { owner: 'ada', orderBy: 'createdAt' }, (sessions) =>
        equal(idsOf(sessions), ['c', 'b', 'a'], 'ids by creation'),
      );
    },
  ),
  defineCase('LIST-2.3', 'times of a list never rise', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    const ids = await createMany(store, 20, 'ada');
    for (const orderBy of ordersOf(store)) {
      await listed(store, { owner: 'ada', orderBy }, (sessions) => {
        equal(idsOf(sessions).sort(), ids, `ids by ${orderBy}`);
        const times = sessions.map((session) => session[orderBy]);
        equal(
          times,
          times.toSorted((a, b) => b - a),
          `${orderBy} of the sessions listed`,
        );
      });
    }
  }),
  defineCase('LIST-3.1', 'pages hold every session once', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    const ids = await createMany(store, 11, 'ada');
    for (const orderBy of ordersOf(store)) {
      for (const limit of [1, 4, 11, 12]) {
        await eventually(store, async () => {
          const pages = await allPages(store, { owner: 'ada', orderBy, limit });
          const found = pages.flatMap(({ sessions }) => idsOf(sessions));
          equal(
            found.toSorted(),
            ids,
            `ids of all pages of ${limit} by ${orderBy}`,
            'a page is not followed to its end, or a cursor skips or repeats sessions of the same time',
          );
          equal(
            pages.map(({ sessions }) => sessions.length),
            pageSizes(11, limit),
            `sizes of the pages of ${limit}, of which only the last has no cursor`,
          );
        });
      }
    }
  }),
  defineCase('LIST-4.1', 'a page has 100 sessions where the query has no limit', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    const ids = await createMany(store, 105, 'ada');
    await eventually(store, async () => {
      const first = await store.list({ owner: 'ada' });
      equal(first.sessions.length, 100, 'the size of the first page of 105 sessions');
      ok(
        first.cursor !== undefined,
        'a page that does not hold all must have a cursor',
        'the list is cut short in silence',
      );
      const second = await store.list({ owner: 'ada', cursor: first.cursor });
      equal(second.cursor, undefined, 'the cursor of the last page');
      equal([...idsOf(first.sessions), ...idsOf(second.sessions)].sort(), ids, 'ids of both pages');
    });
  }),
  defineCase('LIST-5.1', 'owners are exact', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    const owners = [
      'ada',
      'Ada',
      'ad',
      'ada:x',
      'a*',
      '*',
      '%',
      'ad_',
      'caf\u00e9',
      'cafe\u0301',
      '__proto__',
      '$gt',
      '{x}',
      '../ada',
      'x'.repeat(512),
    ];
    for (const [index, owner] of owners.entries())
      await store.commit(`s${index}`, { changeId: `c${index}`, life: null, owner });
    await store.commit('nobodys', { changeId: 'c', life: null });
    for (const [index, owner] of owners.entries()) {
      await listed(store, { owner }, (sessions) => {
        equal(
          sessions.map(({ id, owner: found }) => [id, found]),
          [[`s${index}`, owner]],
          `list for owner ${JSON.stringify(owner)}`,
        );
      });
    }
    equal((await store.list({ owner: 'nobody' })).sessions, [], 'list for an owner without sessions');
  }),
  defineCase('LIST-5.2', 'without an owner all sessions are listed', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    if (store.supports.list && store.supports.list.scope === 'owner') return;
    await store.commit('a', { changeId: 'c1', life: null, owner: 'ada' });
    await store.commit('b', { changeId: 'c1', life: null });
    await store.save('c', { state: 1 });
    const neighbour = await open({ neighbour: 'other' });
    await neighbour.store.save('d', { state: 1 });
    await listed(store, undefined, (sessions) =>
      equal(idsOf(sessions).sort(), ['a', 'b', 'c'], 'ids of all sessions, and of no other space'),
    );
  }),
  defineCase('LIST-6.1', 'malformed queries are refused', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    await createMany(store, 2, 'ada');
    const malformed: unknown[] = [
      { limit: 0 },
      { limit: -1 },
      { limit: 1.5 },
      { limit: '2' },
      { orderBy: 'title' },
      { cursor: 7 },
      { cursor: 'not one of ours' },
    ];
    for (const fields of malformed) {
      await rejects(
        store.list({ owner: 'ada', ...(fields as SessionQuery) }),
        'INVALID_ARGUMENT',
        `list with ${JSON.stringify(fields)}`,
      );
    }
    for (const owner of ['', 7, {}, 'x'.repeat(513)]) {
      await rejects(
        store.list({ owner: owner as never }),
        'INVALID_ID',
        `list with owner ${JSON.stringify(owner).slice(0, 20)}`,
      );
    }
  }),
  defineCase('LIST-7.1', 'what is not claimed is refused', ['full', 'list of less than all'], async ({ open }) => {
    const { store } = await open();
    const { list } = store.supports;
    if (list === false) {
      await rejects(store.list(), 'UNSUPPORTED', 'list of a store that claims none');
      await rejects(store.list({ owner: 'ada' }), 'UNSUPPORTED', 'list for an owner, of a store that claims none');
      return;
    }
    for (const orderBy of ['updatedAt', 'createdAt'] as const) {
      if (!list.orders.includes(orderBy))
        await rejects(store.list({ owner: 'ada', orderBy }), 'UNSUPPORTED', `list by ${orderBy}`);
    }
    if (list.scope === 'owner')
      await rejects(store.list({ orderBy: list.orders[0] as never }), 'UNSUPPORTED', 'list without an owner');
  }),
  defineCase('LIST-8.1', 'deleted sessions are not listed', ['full', 'list'], async ({ open }) => {
    const { store } = await open();
    const ids = await createMany(store, 5, 'ada');
    await store.delete(ids[2] as string);
    const left = ids.filter((_, index) => index !== 2);
    await listed(store, { owner: 'ada' }, (sessions) =>
      equal(idsOf(sessions).sort(), left, 'ids after a session was deleted'),
    );
  }),
];

async function createMany(store: FullSessionStore, count: number, owner: string): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `s${String(index).padStart(3, '0')}`);
  // A few at a time: a listing has to page over sessions of the same millisecond.
  for (let from = 0; from < count; from += 10) {
    await Promise.all(
      ids.slice(from, from + 10).map((id) => store.commit(id, { changeId: `c-${id}`, life: null, owner })),
    );
  }
  return ids;
}

async function infoOf(store: FullSessionStore, sessionId: string): Promise<SessionInfo> {
  const { id, owner, metadata, lengths, createdAt, updatedAt, expiresAt } = await read(store, sessionId);
  return JSON.parse(JSON.stringify({ id, owner, metadata, lengths, createdAt, updatedAt, expiresAt }));
}

async function listed(
  store: FullSessionStore,
  query: SessionQuery | undefined,
  check: (sessions: SessionInfo[]) => void,
): Promise<void> {
  const complete = orderedBy(store, 'updatedAt') ? query : { orderBy: 'createdAt' as const, ...query };
  await eventually(store, async () => check((await store.list(complete)).sessions));
}

/** Checks until it holds, where the store says that its lists lag; otherwise once. */
async function eventually(store: FullSessionStore, check: () => Promise<void>): Promise<void> {
  const lags = store.supports.list && store.supports.list.freshness === 'lagging';
  const deadline = Date.now() + (lags ? LAG_MS : 0);
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function allPages(store: FullSessionStore, query: SessionQuery): Promise<SessionPage[]> {
  const pages: SessionPage[] = [];
  let cursor: string | undefined;
  do {
    ok(pages.length < 50, 'following the cursor must come to an end', 'a cursor leads back to where it came from');
    const page = await store.list({ ...query, ...(cursor !== undefined && { cursor }) });
    if (cursor !== undefined)
      ok(differences(cursor, page.cursor).length > 0, 'each page must have a cursor of its own');
    pages.push(page);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return pages;
}

function pageSizes(total: number, limit: number): number[] {
  return Array.from({ length: Math.ceil(total / limit) }, (_, page) => Math.min(limit, total - page * limit));
}

function ordersOf(store: FullSessionStore): readonly ('updatedAt' | 'createdAt')[] {
  return store.supports.list ? store.supports.list.orders : [];
}

function orderedBy(store: FullSessionStore, order: 'updatedAt' | 'createdAt'): boolean {
  return ordersOf(store).includes(order);
}

function idsOf(sessions: readonly SessionInfo[]): string[] {
  return sessions.map(({ id }) => id);
}

function byId(sessions: readonly SessionInfo[]): SessionInfo[] {
  return sessions.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
