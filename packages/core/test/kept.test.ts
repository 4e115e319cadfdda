// What is kept in each case of a failure. The table in docs/durability.md is written by this test: `vitest -u`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Chat, memoryStore, type SendOptions, SessError, type SessionChange, sess, type Turn } from '@sess/core';
import { type ScriptEntry, scriptedModel } from '@sess/core/testing';
import { describe, expect, test } from 'vitest';
import { failing, type kindOf, OtherProcess } from './chat-samples.ts';
import { keptOf, withTable } from './kept.ts';
import { expectWellFormed, request } from './tool-samples.ts';

const page = join(import.meta.dirname, '..', '..', '..', 'docs', 'durability.md');

/** Where something goes wrong, for the case to hook into. */
interface Stage {
  store: OtherProcess;
  /** Ends the turn that is tested. */
  abort(): void;
}

interface Case {
  title: string;
  /** What the model answers in the turn, round by round. */
  script: (stage: Stage) => ScriptEntry[];
  arrange?: (stage: Stage) => void;
  options?: SendOptions;
}

const round = (...names: string[]) => names.map((name, index) => request(name, `${index + 1}`));
const saying = (text: string, end: (stage: Stage) => unknown) => (stage: Stage) =>
  [
    (_request: unknown, stream: (piece: string) => void) => {
      stream(text);
      return end(stage) as never;
    },
  ] as ScriptEntry[];
const overloaded = () => new Error('overloaded');
const endless = () => new Promise<never>(() => {});
const aborting = ({ abort }: Stage) => {
  abort();
  return endless();
};

const cases: Case[] = [
  { title: 'The model throws', script: () => [overloaded()] },
  { title: 'The model throws in mid-answer', script: saying('It ', overloaded) },
  { title: 'The model throws in the second round', script: () => [round('good'), overloaded()] },
  {
    title: 'The model throws in mid-answer of the second round',
    script: (stage) => [round('good'), ...saying('It ', overloaded)(stage)],
  },
  {
    title: 'The answer is not in the form of `output`',
    script: () => ['Hm.'],
    options: { output: { format: 'json' } },
  },
  {
    title: 'The model asks for more rounds than `maxTurns`',
    script: () => [round('good'), round('good')],
    options: { maxTurns: 1 },
  },
  { title: 'A tool throws', script: () => [round('good', 'throws'), 'done'] },
  { title: 'A tool hangs until its timeout', script: () => [round('good', 'slow'), 'done'] },
  { title: 'A tool returns what cannot be stored', script: () => [round('good', 'odd'), 'done'] },
  {
    title: 'A tool returns more than the store can hold',
    script: () => [round('good', 'large'), 'done'],
    arrange: ({ store }) => store.on('other', { before: refuseLarge }),
  },
  { title: 'A tool fails fatally while another runs', script: () => [round('good', 'endless', 'fatal')] },
  { title: 'A tool interrupts', script: () => [round('good', 'ask')] },
  { title: 'Aborted before the first commit', script: () => [], options: { signal: AbortSignal.abort() } },
  {
    title: 'Aborted during the opening commit',
    script: () => [],
    arrange: ({ store, abort }) => store.on('open', { before: abort }),
  },
  { title: 'Aborted before the model says something', script: (stage) => [() => aborting(stage)] },
  { title: 'Aborted in mid-answer', script: saying('It ', aborting) },
  { title: 'Aborted while a tool hangs', script: () => [round('good', 'aborts')] },
  {
    title: 'Aborted while a round is being stored',
    script: () => [round('good')],
    arrange: ({ store, abort }) => store.on('other', { before: abort }),
  },
  {
    title: 'Aborted in mid-answer of the second round',
    script: (stage) => [round('good'), ...saying('It ', aborting)(stage)],
  },
  {
    title: 'Aborted during the closing commit',
    script: () => ['done'],
    arrange: ({ store, abort }) => store.on('close', { before: abort }),
  },
  {
    title: 'The store fails at the opening commit',
    script: () => [],
    arrange: ({ store }) => once(store, 'open', 'before'),
  },
  {
    title: 'The store fails at a round',
    script: () => [[{ text: 'Wait.' }, ...round('good')]],
    arrange: ({ store }) => once(store, 'other', 'before'),
  },
  {
    title: 'The store fails after it has stored a round',
    script: () => [[{ text: 'Wait.' }, ...round('good')]],
    arrange: ({ store }) => once(store, 'other', 'after'),
  },
  {
    title: 'The store fails at the closing commit',
    script: () => ['done'],
    arrange: ({ store }) => once(store, 'close', 'before'),
  },
  {
    title: 'The store fails after the closing commit',
    script: () => ['done'],
    arrange: ({ store }) => once(store, 'close', 'after'),
  },
];

function refuseLarge({ threads }: SessionChange): void {
  if (JSON.stringify(threads).length > 5000) throw new SessError('TOO_LARGE', 'That is too much.');
}

/** The next commit of a kind fails, before it reaches the store or after. */
function once(store: OtherProcess, kind: ReturnType<typeof kindOf>, when: 'before' | 'after'): void {
  store.on(kind, {
    [when]: () => {
      store.on(kind, {});
      failing()();
    },
  });
}

function define(ai: ReturnType<typeof sess>, { abort }: Stage) {
  const tool = (name: string, run: () => unknown, timeoutMs?: number) =>
    ai.defineTool({ name, description: '', timeoutMs }, run);
  return [
    tool('good', () => 'fine'),
    tool('throws', () => {
      throw new Error('broken');
    }),
    tool('slow', endless, 20),
    tool('odd', () => new Map()),
    tool('large', () => 'x'.repeat(9000)),
    tool('endless', endless),
    tool('fatal', async () => {
      await new Promise((resolve) => setImmediate(resolve));
      throw new SessError('TOOL_FAILED', 'The account is closed.');
    }),
    tool('aborts', () => {
      setImmediate(abort);
      return endless();
    }),
    ai.defineInterrupt({ name: 'ask', description: '' }),
  ];
}

/** Two turns that end well, and a third one in which the case happens. */
async function happen({ script, arrange, options }: Case) {
  const store = new OtherProcess(memoryStore());
  let turn: Turn | undefined;
  const stage: Stage = { store, abort: () => turn?.abort() };
  const ai = sess({ store });
  const chat = ai.createSession().chat({ tools: define(ai, stage) });
  for (const text of ['first', 'second']) await chat.send(text, { model: scriptedModel('fine') });
  const committed: string[] = [];
  const watch = store.commit.bind(store);
  store.commit = async (id, change) => {
    const result = await watch(id, change);
    committed.push(...(change.threads?.main?.append ?? []).map(idOf));
    return result;
  };
  arrange?.(stage);
  const model = scriptedModel(...script(stage));
  turn = chat.send('question', { model, ...options });
  const outcome = await turn.then(
    ({ finishReason }) => (finishReason === 'interrupted' ? 'resolves, `interrupted`' : 'resolves'),
    ({ code }) => `\`${code}\``,
  );
  for (const kind of ['open', 'other', 'close'] as const) store.on(kind, {});
  return { chat, outcome, committed, model };
}

function idOf({ metadata }: { metadata?: Record<string, unknown> | undefined }): string {
  return String(Object(metadata?.sess).id);
}

/** What the next send does on the thread, seen by a process that has just loaded the session. */
async function next(chat: Chat): Promise<string> {
  const model = scriptedModel('fine');
  const ai = sess({ store: chat.session.store, model });
  const again = (await ai.loadSession(chat.session.id)).chat();
  const pending = again.interrupts.map(({ toolRequest: { ref } }) => ({ ref, output: 'yes' }));
  if (pending.length > 0) {
    const error = await again.send('next').catch(({ code }) => code);
    expect((await again.respond(pending)).text).toBe('fine');
    return `\`${error}\`; \`respond\` goes on`;
  }
  expect((await again.send('next', { whenBusy: 'reject' })).text).toBe('fine');
  expectWellFormed(model.requests[0]?.messages ?? []);
  return 'goes on';
}

describe('what is kept', () => {
  const rows: string[][] = [];

  test.each(cases)('$title', async (one) => {
    const { chat, outcome, committed, model } = await happen(one);
    const history = await chat.session.history();
    expectWellFormed(
      history,
      chat.interrupts.map(({ toolRequest }) => toolRequest.ref),
    );
    expect(history.map(idOf)).toEqual(expect.arrayContaining(committed));
    expect(chat.messages).toEqual(history);
    const calls = model.requests.length;
    rows.push([one.title, outcome, keptOf(history.slice(4)), await next(chat)]);
    expect(model.requests).toHaveLength(calls); // nothing is generated after the end
  });

  test('is what docs/durability.md says', async () => {
    const head = ['what happens', 'the turn', 'what is kept of it', 'the next `send`'];
    await expect(withTable(readFileSync(page, 'utf8'), 'failures', head, rows)).toMatchFileSnapshot(page);
  });
});
