import {
  type CommitResult,
  type FullSessionStore,
  SessError,
  type SessErrorCode,
  type SessionChange,
} from '@sess/core/store';
import { equal, ok, rejects } from '../assertions.ts';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { describeError } from '../describe-value.ts';
import { ConformanceFailure } from '../failure.ts';
import { type SeededRandom, seededRandom } from '../seeded-random.ts';
import { defineCase } from './define-case.ts';
import { messages, read, turn, user } from './sample.ts';

const ROUNDS = 8;
const WRITERS = 6;
const search = { after: 'examples', timeoutMs: 120_000 } as const;

/** RACE: concurrent writers and readers in this process, through two instances where the store allows it. */
export const raceCases: readonly ConformanceCase[] = [
  race('RACE-1.1', 'changes of a thread on one base', async ({ stores, pause, round }) => {
    const id = `s${round}`;
    await first(stores).commit(id, {
      changeId: 'c0',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
    });
    const landed = await contend(stores, pause, 'CONFLICT', (store, writer) =>
      store.commit(id, {
        changeId: `w${writer}`,
        life: 'c0',
        threads: { main: { base: 'c0', keep: 1, append: [user(`w${writer}`)] } },
      }),
    );
    const { threads, versions, changes } = await read(first(stores), id);
    equal(threads, { main: [...messages(0, 1), user(landed)] }, 'the thread after the race');
    equal([versions.threads.main, changes], [landed, 2], 'version and changes after the race');
  }),
  race('RACE-1.2', 'changes of the state on one base', async ({ stores, pause, round }) => {
    const id = `s${round}`;
    await first(stores).commit(id, { changeId: 'c0', life: null });
    const landed = await contend(stores, pause, 'CONFLICT', (store, writer) =>
      store.commit(id, { changeId: `w${writer}`, life: 'c0', state: { base: null, value: `w${writer}` } }),
    );
    const { state, versions } = await read(first(stores), id);
    equal([state, versions.state], [landed, landed], 'state and version after the race');
  }),
  race('RACE-2.1', 'changes of different parts', async ({ stores, pause, round }) => {
    const id = `s${round}`;
    await first(stores).commit(id, { changeId: 'c0', life: null });
    const change = (writer: number): SessionChange =>
      writer === 0
        ? { changeId: 'w0', life: 'c0', state: { base: null, value: 'w0' } }
        : {
            changeId: `w${writer}`,
            life: 'c0',
            threads: { [`thread ${writer}`]: { base: null, keep: 0, append: [user(`w${writer}`)] } },
          };
    await all(stores, pause, (store, writer) => store.commit(id, change(writer)));
    const { state, threads, changes } = await read(first(stores), id);
    const expected = Object.fromEntries(
      Array.from({ length: WRITERS - 1 }, (_, index) => [`thread ${index + 1}`, [user(`w${index + 1}`)]]),
    );
    equal(
      { state, threads, changes },
      { state: 'w0', threads: expected, changes: WRITERS + 1 },
      'the session after writers of different parts',
      'the session is read, changed and written back as a whole: an update is lost',
    );
  }),
  race('RACE-2.2', 'merges of metadata', async ({ stores, pause, round }) => {
    const id = `s${round}`;
    await first(stores).commit(id, { changeId: 'c0', life: null });
    await all(stores, pause, (store, writer) =>
      store.commit(id, { changeId: `w${writer}`, life: 'c0', metadata: { [`key ${writer}`]: writer } }),
    );
    const expected = Object.fromEntries(Array.from({ length: WRITERS }, (_, writer) => [`key ${writer}`, writer]));
    equal(
      (await read(first(stores), id)).metadata,
      expected,
      'metadata after concurrent merges',
      'metadata is read, merged and written back: a merge is lost',
    );
  }),
  race('RACE-3.1', 'creations of one session', async ({ stores, pause, round }) => {
    const id = `s${round}`;
    const landed = await contend(stores, pause, 'ALREADY_EXISTS', (store, writer) =>
      store.commit(id, {
        changeId: `w${writer}`,
        life: null,
        owner: `w${writer}`,
        threads: { main: { base: null, keep: 0, append: [user(`w${writer}`)] } },
      }),
    );
    const { life, owner, threads, changes } = await read(first(stores), id);
    equal(
      { life, owner, threads, changes },
      { life: landed, owner: landed, threads: { main: [user(landed)] }, changes: 1 },
      'the session after the race',
    );
  }),
  race('RACE-4.1', 'reading while changes and saves go on', async ({ stores, pause, round }) => {
    const id = `s${round}`;
    const store = first(stores);
    const stages = 12;
    const whole = (stage: number) => ({ state: stage, one: messages(0, stage), two: messages(0, stage), title: stage });
    await store.commit(id, {
      changeId: 'c0',
      life: null,
      state: { base: null, value: 0 },
      metadata: { title: 0 },
      threads: { one: { base: null, keep: 0, append: [] }, two: { base: null, keep: 0, append: [] } },
    });
    let done = false;
    const write = async () => {
      for (let stage = 1; stage <= stages; stage += 1) {
        await pause();
        if (stage % 4 === 0) {
          await store.save(id, {
            state: stage,
            metadata: { title: stage },
            threads: { one: messages(0, stage), two: messages(0, stage) },
          } as never);
          continue;
        }
        const { versions, lengths } = await read(store, id);
        const next = (thread: string) => ({
          base: versions.threads[thread] ?? null,
          keep: lengths[thread] ?? 0,
          append: messages(stage - 1, stage),
        });
        await store.commit(id, {
          changeId: `c${stage}`,
          life: 'c0',
          state: { base: versions.state, value: stage },
          metadata: { title: stage },
          threads: { one: next('one'), two: next('two') },
        });
      }
      done = true;
    };
    const watch = async (reader: FullSessionStore) => {
      while (!done) {
        await pause();
        const { state, threads, metadata, lengths, changes } = await read(reader, id);
        const found = { state, one: threads?.one, two: threads?.two, title: metadata?.title };
        equal(
          found,
          whole(changes - 1),
          `what was read after ${changes} changes`,
          'parts are read one by one: read them in one step',
        );
        equal(lengths, { one: changes - 1, two: changes - 1 }, `lengths after ${changes} changes`);
      }
    };
    await Promise.all([
      write().finally(() => {
        done = true;
      }),
      ...stores.map(watch),
      watch(store),
    ]);
  }),
  race('RACE-6.1', 'delete against commits', async ({ stores, pause, round }) => {
    const id = `s${round}`;
    const creation: SessionChange = {
      changeId: 'c0',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 3), turn: turn('t1') } },
    };
    await first(stores).commit(id, creation);
    const write = async (store: FullSessionStore, writer: number) => {
      await pause();
      const thread = { [`thread ${writer}`]: { base: null, keep: 0, append: [user('late')] } };
      const changes: SessionChange[] = [
        { changeId: `w${writer}`, life: 'c0', threads: thread },
        { changeId: `h${writer}`, life: 'c0', holds: { main: 't1' } },
        { changeId: `e${writer}`, life: 'c0' },
        { ...creation, retry: true },
      ];
      const change = changes[writer % changes.length] as SessionChange;
      const { error } = await settle(store.commit(id, change));
      ok(
        error === undefined || SessError.is(error, 'NOT_FOUND'),
        `a change that races a delete must land before it, or be refused with NOT_FOUND, and not with ${describeError(error)}`,
      );
    };
    const remove = async () => {
      await pause();
      ok(await first(stores).delete(id), 'delete of a session that is there must resolve true');
    };
    const writers = Array.from({ length: WRITERS }, (_, writer) =>
      write(stores[writer % stores.length] ?? first(stores), writer),
    );
    await Promise.all([remove(), ...writers]);
    for (const store of stores)
      equal(
        await store.get(id),
        undefined,
        'get after a delete that raced changes',
        'a commit writes back what a delete has removed',
      );
    await first(stores).commit(id, { changeId: 'd0', life: null });
    const { threads = {}, lengths } = await read(first(stores), id);
    equal(
      { threads, lengths },
      { threads: {}, lengths: {} },
      'the next life',
      'something of the old life is left behind',
    );
  }),
  race('RACE-7.1', 'repetitions of one change', async ({ stores, pause, round }) => {
    const id = `s${round}`;
    const creation: SessionChange = {
      changeId: 'c0',
      life: null,
      threads: { main: { base: null, keep: 0, append: messages(0, 1) } },
    };
    const results = await all(stores, pause, (store, writer) =>
      store.commit(id, writer === 0 ? creation : { ...creation, retry: true }),
    );
    const change: SessionChange = {
      changeId: 'c1',
      life: 'c0',
      seen: 1,
      metadata: { x: 1 },
      threads: { main: { base: 'c0', keep: 1, append: messages(1, 2) } },
    };
    results.push(
      ...(await all(stores, pause, (store, writer) =>
        store.commit(id, writer === 0 ? change : { ...change, retry: true }),
      )),
    );
    equal(
      results.map(({ changeId }) => changeId),
      [...Array(WRITERS).fill('c0'), ...Array(WRITERS).fill('c1')],
      'the results of repeated changes',
    );
    const { threads, changes } = await read(first(stores), id);
    equal({ threads, changes }, { threads: { main: messages(0, 2) }, changes: 2 }, 'the session after repetitions');
  }),
];

interface Race {
  /** One instance, or two on the same data. */
  readonly stores: readonly FullSessionStore[];
  readonly round: number;
  /** Waits for a random, seeded number of turns of the event loop: interleavings differ by round, not by luck. */
  pause(): Promise<void>;
}

function race(id: string, title: string, run: (race: Race) => Promise<void>): ConformanceCase {
  return defineCase(
    id,
    title,
    ['full'],
    async (context) => {
      const stores = await openInstances(context);
      const random = seededRandom(context.seed);
      for (let round = 0; round < ROUNDS; round += 1) await run({ stores, round, pause: () => pauseFor(random) });
    },
    search,
  );
}

/** One instance of the store, or two on the same data where it says that this is possible. */
export async function openInstances({ open }: Pick<CaseContext, 'open'>): Promise<FullSessionStore[]> {
  const { store } = await open();
  return store.supports.processes === 'many' ? [store, (await open()).store] : [store];
}

/** Lets other work go on for a random, short while. */
export async function pauseFor(random: SeededRandom): Promise<void> {
  for (let turns = random.below(4); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
}

function first(stores: readonly FullSessionStore[]): FullSessionStore {
  return stores[0] as FullSessionStore;
}

async function all(
  stores: readonly FullSessionStore[],
  pause: () => Promise<void>,
  commit: (store: FullSessionStore, writer: number) => Promise<CommitResult>,
): Promise<CommitResult[]> {
  return Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      await pause();
      return commit(stores[writer % stores.length] as FullSessionStore, writer);
    }),
  );
}

/** Lets all writers try the same. Exactly one may land, whose change id is answered; the rest are refused with `code`. */
async function contend(
  stores: readonly FullSessionStore[],
  pause: () => Promise<void>,
  code: SessErrorCode,
  commit: (store: FullSessionStore, writer: number) => Promise<CommitResult>,
): Promise<string> {
  const landed: string[] = [];
  await all(stores, pause, async (store, writer) => {
    const { value, error } = await settle(commit(store, writer));
    if (value !== undefined) landed.push(value.changeId);
    else await rejects(Promise.reject(error), code, 'a change that lost a race');
    return { changeId: '' };
  });
  if (landed.length === 1) return landed[0] as string;
  throw new ConformanceFailure(
    `of ${WRITERS} concurrent changes exactly one must land, and ${landed.length} did`,
    [],
    'conditions are checked before the write, not with it',
  );
}

async function settle<T>(promise: Promise<T>): Promise<{ value?: T; error?: unknown }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
