import {
  type FullSessionStore,
  type MessageData,
  type Model,
  type ModelRequest,
  memoryStore,
  SessError,
  type Session,
  type SessionChange,
  type SessionRead,
  sess,
  textOf,
} from '@sess/core';
import { type ScriptAnswer, type ScriptedModel, scriptedModel } from '@sess/core/testing';
import { gate } from './samples.ts';

/** Messages as `role: text`, to be compared at a glance. */
export function linesOf(messages: readonly MessageData[] | undefined): string[] {
  return (messages ?? []).map((message) => `${message.role}: ${textOf(message)}`);
}

/** Answers with what was said last. */
export const echo: Model = async ({ messages }) => ({
  message: { role: 'model', content: [{ text: `re: ${textOf(messages.at(-1) ?? { content: [] })}` }] },
});

export interface HeldModel extends ScriptedModel {
  /** The first call, once it has come. */
  readonly called: Promise<ModelRequest>;
  /** Ends the first call. */
  answer(answer: ScriptAnswer): void;
}

/** A model whose first call waits for the test, after it has said `words`; later ones answer `later`. */
export function heldModel(...words: string[]): HeldModel {
  const called = gate<ModelRequest>();
  const answer = gate<ScriptAnswer>();
  const first = (request: ModelRequest, stream: (text: string) => void) => {
    words.forEach(stream);
    called.open(request);
    return answer.promise;
  };
  const model = scriptedModel(first, ...Array.from({ length: 20 }, () => 'later'));
  return Object.assign(model, { called: called.promise, answer: answer.open });
}

/** What a commit does for a turn. */
export type CommitKind = 'open' | 'close' | 'beat' | 'other';

export function kindOf({ threads = {}, holds, state, metadata }: SessionChange): CommitKind {
  const [thread] = Object.values(threads);
  if (thread?.turn) return 'open';
  if (thread?.turn === null) return 'close';
  return holds && Object.keys(holds).length > 0 && !state && !metadata && !thread ? 'beat' : 'other';
}

/** What the next commits of a kind meet with, before they reach the store or after. */
interface Hooks {
  before?: (change: SessionChange) => unknown;
  after?: (change: SessionChange) => unknown;
}

/**
 * A store on the data of another, as if of another process: it is another object, so no line is shared. It notes what
 * it is asked for, and can be made to fail or to wait.
 */
export class OtherProcess implements FullSessionStore {
  readonly supports: FullSessionStore['supports'];
  readonly reads: SessionRead[] = [];
  readonly commits: SessionChange[] = [];
  readonly #data: FullSessionStore;
  readonly #hooks = new Map<CommitKind, Hooks>();
  #frozen: Promise<void> | undefined;
  #thaw: () => void = () => {};

  constructor(data: FullSessionStore = memoryStore()) {
    this.#data = data;
    this.supports = data.supports;
  }

  /** What happens at commits of a kind, until told otherwise. */
  on(kind: CommitKind, hooks: Hooks): this {
    this.#hooks.set(kind, hooks);
    return this;
  }

  /** Stops the process: nothing that it asks for gets through until it is thawed. */
  freeze(): void {
    const { promise, open } = gate();
    this.#frozen = promise;
    this.#thaw = open;
  }

  thaw(): void {
    this.#frozen = undefined;
    this.#thaw();
  }

  async get(sessionId: string, read: SessionRead = {}) {
    await this.#frozen;
    this.reads.push(read);
    return this.#data.get(sessionId, read);
  }

  async commit(sessionId: string, change: SessionChange) {
    await this.#frozen;
    const { before, after } = this.#hooks.get(kindOf(change)) ?? {};
    await before?.(change);
    this.commits.push(change);
    const result = await this.#data.commit(sessionId, change);
    await after?.(change);
    return result;
  }

  async save(sessionId: string, data: Parameters<FullSessionStore['save']>[1]) {
    await this.#frozen;
    return this.#data.save(sessionId, data);
  }

  async delete(sessionId: string) {
    await this.#frozen;
    return this.#data.delete(sessionId);
  }

  list(query?: Parameters<FullSessionStore['list']>[0]) {
    return this.#data.list(query);
  }

  close() {
    return this.#data.close();
  }
}

/** A store that fails as databases do. */
export function failing() {
  return () => {
    throw new SessError('STORE_FAILED', 'The connection is lost.', { retryable: true });
  };
}

/** A stored session with some messages on its main thread, and the store. */
export async function storedSession(said: string[] = [], store: FullSessionStore = memoryStore()) {
  const session: Session = sess({ store, model: echo }).createSession();
  await session.keepAlive();
  for (const text of said) await session.send(text);
  return { id: session.id, session, store };
}

/** All that an iterable gives. */
export async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Lets everything run that is not waiting for a timer or for the outside. */
export async function settleDown(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
}
