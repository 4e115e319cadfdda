import type { FullSessionStore, SessionRead, SessionRecord } from '@sess/core/store';
import { equal, ok, rejects } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { defineCase } from './define-case.ts';
import { content, messages, model, onThread, read, turn, user } from './sample.ts';

/** GET: reading. */
export const getCases: readonly ConformanceCase[] = [
  defineCase(
    'GET-1.1',
    'a session that was never saved is undefined',
    [],
    async ({ open }) => {
      const { store } = await open();
      equal(await store.get('nobody'), undefined, 'get of a session that was never saved');
    },
    { after: 'nothing' },
  ),
  defineCase(
    'GET-2.1',
    'what was saved is read back',
    [],
    async ({ open }) => {
      const { store } = await open();
      const threads = { main: [user('hello'), model('Hello!'), user('bye')], side: [user('aside')] };
      await store.save('a', { state: { name: 'Ada', count: 1 }, threads });
      equal(await content(store, 'a'), { state: { name: 'Ada', count: 1 }, threads }, 'get after save');
    },
    { after: 'nothing' },
  ),
  defineCase(
    'GET-2.2',
    'what was committed is read back',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        state: { base: null, value: { count: 1 } },
        threads: { main: { base: null, keep: 0, append: [user('hello')] } },
      });
      const record = await read(store, 'a');
      equal(record.id, 'a', 'the id of the record');
      equal(await content(store, 'a'), { state: { count: 1 }, threads: { main: [user('hello')] } }, 'get after commit');
    },
    { after: 'nothing' },
  ),
  defineCase('GET-2.3', 'the newest of several saves is read back, each time', [], async ({ open }) => {
    const { store } = await open();
    for (const count of [1, 2, 3]) {
      await store.save('a', { state: { count }, threads: { main: messages(0, count) } });
      equal(
        await content(store, 'a'),
        { state: { count }, threads: { main: messages(0, count) } },
        `get after save ${count}`,
      );
    }
  }),
  defineCase('GET-2.4', 'the newest commit is read back, each time', ['full'], async ({ open }) => {
    const { store } = await open();
    await store.commit('a', { changeId: 'c0', life: null });
    for (const count of [1, 2, 3]) {
      const record = await read(store, 'a');
      await store.commit('a', {
        changeId: `c${count}`,
        life: 'c0',
        threads: onThread(record, 'main', messages(count, count + 1)),
      });
      equal(await content(store, 'a'), { threads: { main: messages(1, count + 1) } }, `get after commit ${count}`);
    }
  }),
  defineCase('GET-3.1', 'changing what get answered changes nothing stored', [], async ({ open }) => {
    const { store } = await open();
    const expected = { state: { list: [1] }, threads: { main: [user('hello')] } };
    await store.save('a', structuredClone(expected));
    const first = await read(store, 'a');
    first.state.list.push(2);
    first.threads?.main?.push(user('smuggled'));
    Object.assign(first.threads?.main?.[0] ?? {}, { role: 'system' });
    equal(
      await content(store, 'a'),
      expected,
      'get after the answer of an earlier get was changed',
      'the stored object itself is handed out: answer a copy',
    );
  }),
  defineCase(
    'GET-3.2',
    'changing the bookkeeping that get answered changes nothing stored',
    ['full'],
    async ({ open }) => {
      const { store } = await open();
      await store.commit('a', {
        changeId: 'c1',
        life: null,
        metadata: { labels: ['x'] },
        threads: { main: { base: null, keep: 0, append: [], turn: turn('t1') } },
      });
      const before = structuredClone(await read(store, 'a'));
      const answer = (await read(store, 'a')) as unknown as Record<string, Record<string, object>>;
      (answer.metadata?.labels as string[] | undefined)?.push('y');
      Object.assign(answer.openTurns?.main ?? {}, { beat: 99 });
      Object.assign(answer.lengths ?? {}, { main: 7 });
      Object.assign(answer.versions?.threads ?? {}, { main: 'forged' });
      equal(
        await read(store, 'a'),
        before,
        'get after the answer of an earlier get was changed',
        'the stored object itself is handed out: answer a copy',
      );
    },
  ),
  defineCase('GET-4.1', 'a new record tells its bookkeeping', ['full'], async ({ open }) => {
    const { store } = await open();
    const before = Date.now();
    await store.commit('a', {
      changeId: 'c1',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 2) } },
    });
    const { createdAt, updatedAt, ...rest } = await read(store, 'a');
    const expected: Partial<SessionRecord> = {
      id: 'a',
      threads: { main: messages(0, 2) },
      life: 'c1',
      versions: { state: null, threads: { main: 'c1' } },
      lengths: { main: 2 },
      changes: 1,
    };
    equal(rest, expected, 'the record of a new session');
    const plausible = [createdAt, updatedAt].every(
      (at) => Number.isSafeInteger(at) && Math.abs(at - before) < 86_400_000,
    );
    ok(plausible, 'createdAt and updatedAt must be whole milliseconds since the epoch, of about now');
    ok(createdAt === updatedAt, 'createdAt and updatedAt of a new session must be the same');
  }),
  ...windowCases(),
  defineCase('GET-8.1', 'every read of a part says so, and no other', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    const offsets = async (range?: SessionRead) => (await store.get('a', range))?.partial;
    equal(await offsets(), undefined, 'partial of a whole read');
    equal(await offsets({}), undefined, 'partial of a read that asks for nothing');
    equal(await offsets({ last: 1000 }), { offsets: { main: 0, side: 0 } }, 'partial where all was loaded after all');
    equal(
      await offsets({ threads: ['main', 'side'] }),
      { offsets: { main: 0, side: 0 } },
      'partial where all threads were named',
    );
    equal(await offsets({ last: 0 }), { offsets: { main: 10, side: 2 } }, 'partial where nothing was loaded');
    equal(await offsets({ threads: [] }), { offsets: {} }, 'partial where no thread was selected');
  }),
  defineCase('GET-9.1', 'malformed reads are refused', ['full'], async ({ open }) => {
    const { store } = await open();
    await fill(store);
    const malformed = [
      { last: -1 },
      { last: 1.5 },
      { last: '2' },
      { before: -1 },
      { before: Number.NaN },
      { threads: 'main' },
      7,
    ];
    for (const range of malformed) {
      await rejects(store.get('a', range as never), 'INVALID_ARGUMENT', `get with ${JSON.stringify(range)}`);
    }
  }),
];

/** Session `a` with ten messages in `main` and two in `side`. */
async function fill(store: FullSessionStore): Promise<void> {
  await store.save('a', { threads: { main: messages(0, 10), side: messages(0, 2) } });
}

function windowCases(): ConformanceCase[] {
  const window = (id: string, title: string, range: SessionRead, threads: object, offsets: object) =>
    defineCase(id, title, ['full'], async ({ open }) => {
      const { store } = await open();
      await fill(store);
      const whole = await read(store, 'a');
      const record = await store.get('a', range);
      equal(record, { ...whole, threads, partial: { offsets } }, `get with ${JSON.stringify(range)}`);
    });
  return [
    window(
      'GET-5.1',
      'the newest messages',
      { last: 3 },
      { main: messages(7, 10), side: messages(0, 2) },
      { main: 7, side: 0 },
    ),
    window('GET-5.2', 'no messages, just the record', { last: 0 }, { main: [], side: [] }, { main: 10, side: 2 }),
    window(
      'GET-6.1',
      'messages below an index',
      { before: 4 },
      { main: messages(0, 4), side: messages(0, 2) },
      { main: 0, side: 0 },
    ),
    window(
      'GET-6.2',
      'the newest below an index',
      { last: 2, before: 4 },
      { main: messages(2, 4), side: messages(0, 2) },
      { main: 2, side: 0 },
    ),
    window(
      'GET-6.3',
      'nothing lies below the first',
      { last: 2, before: 0 },
      { main: [], side: [] },
      { main: 0, side: 0 },
    ),
    window(
      'GET-6.4',
      'an index beyond the end',
      { last: 2, before: 99 },
      { main: messages(8, 10), side: messages(0, 2) },
      { main: 8, side: 0 },
    ),
    window('GET-7.1', 'one thread', { threads: ['side'] }, { side: messages(0, 2) }, { side: 0 }),
    window('GET-7.2', 'a thread of which nothing is loaded', { threads: ['side'], last: 0 }, { side: [] }, { side: 2 }),
    window(
      'GET-7.3',
      'a thread that does not exist',
      { threads: ['side', 'gone'], last: 1 },
      { side: messages(1, 2) },
      { side: 1 },
    ),
    window('GET-7.4', 'no thread', { threads: [] }, {}, {}),
  ];
}
