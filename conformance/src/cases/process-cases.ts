import type { FullSessionStore, MessageData } from '@sess/core/store';
import { equal, ok } from '../assertions.ts';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { ForkedWorker, runWorkers } from '../processes/forked-worker.ts';
import { type Task, textOf, type WorkerOptions } from '../processes/task.ts';
import { seededRandom } from '../seeded-random.ts';
import { defineCase } from './define-case.ts';
import { read } from './sample.ts';

const WRITERS = 3;
const PAIRS = 12;
const KILLS = 10;
const search = { after: 'examples', timeoutMs: 180_000 } as const;
const requires = ['full', 'processes', 'target file'] as const;

/** RACE: processes of their own, behind a start gate; and processes that are killed. */
export const processCases: readonly ConformanceCase[] = [
  defineCase(
    'RACE-8.1',
    'processes append to one thread',
    requires,
    async (context) => {
      const { store } = await context.open();
      await store.commit('a', { changeId: 'c0', life: null });
      const task = (writer: string) => append(writer, 'main', PAIRS);
      const workers = await runWorkers(names().map((writer) => optionsOf(context, task(writer))));
      const landed = workers.flatMap((worker) => worker.landed);
      const found = await pairsOf(store, 'main', 100);
      equal(
        found.toSorted(),
        landed.toSorted(),
        'the pairs of messages in the thread, sorted',
        'updates of several processes are lost or doubled',
      );
      for (const writer of names()) {
        const own = found.filter((name) => name.startsWith(`${writer}.`));
        equal(
          own,
          Array.from({ length: PAIRS }, (_, index) => `${writer}.${index + 1}`),
          `the pairs of ${writer}, in their order`,
        );
      }
    },
    search,
  ),
  defineCase(
    'RACE-8.2',
    'processes append to threads of their own',
    requires,
    async (context) => {
      const { store } = await context.open();
      await store.commit('a', { changeId: 'c0', life: null });
      await runWorkers(names().map((writer) => optionsOf(context, append(writer, writer, PAIRS))));
      for (const writer of names()) {
        const expected = Array.from({ length: PAIRS }, (_, index) => `${writer}.${index + 1}`);
        equal(await pairsOf(store, writer, 100), expected, `the thread of ${writer}`);
      }
      equal(
        (await read(store, 'a')).changes,
        1 + WRITERS * PAIRS,
        'changes of the session',
        'a change that did not conflict was tried more than once, or is lost',
      );
    },
    search,
  ),
  defineCase(
    'RACE-8.3',
    'processes create the same sessions',
    requires,
    async (context) => {
      const { store } = await context.open();
      const sessionIds = Array.from({ length: 20 }, (_, index) => `s${index}`);
      const workers = await runWorkers(
        names().map((writer) => optionsOf(context, { kind: 'create', writer, sessionIds })),
      );
      equal(
        workers.flatMap(({ landed }) => landed).sort(),
        sessionIds.toSorted(),
        'the creations that landed',
        'a session was created twice',
      );
      for (const [index, { landed }] of workers.entries()) {
        for (const id of landed) equal((await read(store, id)).state, names()[index], `the state of session ${id}`);
      }
    },
    search,
  ),
  defineCase(
    'RACE-9.1',
    'processes are killed in the middle of a commit',
    requires,
    async (context) => {
      const random = seededRandom(context.seed);
      const setup = await context.open();
      await setup.store.commit('a', { changeId: 'c0', life: null });
      const acknowledged: string[] = [];
      for (let round = 0; round < KILLS; round += 1) {
        const writer = `writer${round}`;
        const worker = new ForkedWorker(optionsOf(context, append(writer, 'main', null, 20_000)));
        try {
          await worker.ready;
          worker.killAfter(1 + random.below(5), random.below(10));
          worker.go();
          await worker.ended;
        } finally {
          await worker.end();
        }
        acknowledged.push(...worker.landed);
        const { store } = await context.open();
        const found = await pairsOf(store, 'main', 20_000);
        const unacknowledged = found.filter((name) => !acknowledged.includes(name));
        const whatIsThere = found.filter((name) => acknowledged.includes(name));
        equal(
          whatIsThere,
          acknowledged,
          `what was acknowledged, after ${round + 1} processes were killed`,
          'a write was acknowledged before it was safe',
        );
        // One change of each process that was killed may have landed without being acknowledged.
        const own = unacknowledged.filter((name) => name.startsWith(`${writer}.`));
        ok(
          own.length <= 1,
          `at most one change of a process that was killed may be there unacknowledged, not ${own.length}`,
        );
        acknowledged.splice(0, acknowledged.length, ...found);
        const { life, versions } = await read(store, 'a');
        await store.commit('a', { changeId: `after${round}`, life, state: { base: versions.state, value: round } });
      }
    },
    search,
  ),
];

function names(): string[] {
  return Array.from({ length: WRITERS }, (_, index) => `writer${index}`);
}

function append(writer: string, thread: string, count: number | null, textLength = 100): Task {
  return { kind: 'append', sessionId: 'a', thread, writer, count, textLength };
}

function optionsOf({ targetUrl, space }: CaseContext, task: Task): WorkerOptions {
  return { targetUrl: targetUrl?.href ?? '', space, task };
}

/** The names of the pairs in a thread, in order. Fails where a pair is torn, interleaved with another, or damaged. */
async function pairsOf(store: FullSessionStore, thread: string, textLength: number): Promise<string[]> {
  const { threads } = await read(store, 'a');
  const found = threads?.[thread] ?? [];
  const pairs: string[] = [];
  for (let index = 0; index < found.length; index += 2) {
    const name =
      textIn(found[index])
        .split(' ')[0]
        ?.replace(/\.user$/, '') ?? '';
    const expected = [
      { role: 'user', content: [{ text: textOf(`${name}.user`, textLength) }] },
      { role: 'model', content: [{ text: textOf(`${name}.model`, textLength) }] },
    ];
    equal(
      found.slice(index, index + 2),
      expected,
      `messages ${index} and ${index + 1}, which one change wrote`,
      'a change landed in part, or two were interleaved',
    );
    pairs.push(name);
  }
  return pairs;
}

function textIn(message: MessageData | undefined): string {
  return message?.content[0]?.text ?? '';
}
