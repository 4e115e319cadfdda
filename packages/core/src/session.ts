import { optionsOfPrompt } from './agent.ts';
import { Chat } from './chat.ts';
import {
  type ChatOptions,
  mergeOptions,
  type PromptChatOptions,
  type SendInput,
  type SendOptions,
} from './chat-options.ts';
import { freeze } from './known-session.ts';
import { Prompt } from './prompt.ts';
import type { SessionDefaults } from './sess-options.ts';
import type { SessionReplica } from './session-replica.ts';
import { checkState, storedState } from './standard-schema.ts';
import {
  checkId,
  defined,
  type FullSessionStore,
  type MessageData,
  own,
  type Part,
  SessError,
  type SessionRead,
  type ThreadChange,
  toStored,
} from './store/index.ts';
import { mapRecord } from './store/record.ts';
import { ThreadLine } from './thread-line.ts';
import type { Turn } from './turn.ts';
import { holdsOf, surroundingTurns, turnContext } from './turn-context.ts';
import { goneError, lostTurnError } from './turn-error.ts';

/** The thread that is meant where none is named. */
export const MAIN_THREAD = 'main';

/**
 * A conversation with a memory: state, and any number of threads of messages. It stays valid while others change the
 * session; what they did is seen at the next use.
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class Session<S = any> {
  readonly id: string;
  readonly #replica: SessionReplica<S>;
  readonly #defaults: SessionDefaults<S>;

  /** @internal Use `createSession`, `loadSession` or `openSession`. */
  constructor(replica: SessionReplica<S>, defaults: SessionDefaults<S>) {
    this.id = replica.id;
    this.#replica = replica;
    this.#defaults = defaults;
  }

  /** Where the session is stored. */
  get store(): FullSessionStore<S> {
    return this.#replica.store;
  }

  /** The state as it was last known; frozen. Throws NOT_LOADED before the session was read. */
  get state(): S {
    return this.#stateOf(this.#loaded);
  }

  /** Title, labels, lineage: as last known; frozen. Throws NOT_LOADED before the session was read. */
  get metadata(): Readonly<Record<string, unknown>> {
    return (this.#loaded ? this.#loaded.metadata : this.#replica.creation.metadata) ?? {};
  }

  /** Whose session it is. Throws NOT_LOADED before the session was read. */
  get owner(): string | undefined {
    return this.#loaded ? this.#loaded.owner : this.#replica.creation.owner;
  }

  /** The names of the threads that there are. Throws NOT_LOADED before the session was read. */
  get threads(): string[] {
    return Object.keys(this.#loaded?.versions.threads ?? {});
  }

  /** Whether nothing is stored of it yet. Throws NOT_LOADED before the session was read. */
  get isNew(): boolean {
    return this.#loaded === undefined;
  }

  /** When it expires, in ms since the epoch; undefined: never. Throws NOT_LOADED before the session was read. */
  get expiresAt(): number | undefined {
    return this.#loaded?.expiresAt;
  }

  /** Reads the session with all its messages, where it was not read yet. */
  async load(): Promise<this> {
    if (!this.#replica.isLoaded) await this.#replica.refresh(this.#wholeOrWindow());
    return this;
  }

  /**
   * A chat on a thread (`main` by default). Chats are cheap: make one where you need one.
   *
   * @example
   * ```ts
   * import { sess } from '@sess/core';
   * import { demoModel } from '@sess/core/testing';
   *
   * const session = sess({ model: demoModel() }).createSession();
   * const lawyer = session.chat('lawyer', { system: 'Talk like a lawyer.' });
   * await lawyer.send('Hello!');
   * ```
   */
  chat(options?: ChatOptions<S>): Chat<S>;
  chat(thread: string, options?: ChatOptions<S>): Chat<S>;
  chat<Given>(prompt: Prompt<Given>, options?: PromptChatOptions<Given, S>): Chat<S>;
  chat<Given>(thread: string, prompt: Prompt<Given>, options?: PromptChatOptions<Given, S>): Chat<S>;
  chat(...given: (string | Prompt | ChatOptions<S> | undefined)[]): Chat<S> {
    const thread = typeof given[0] === 'object' || given[0] === undefined ? MAIN_THREAD : (given.shift() as string);
    const levels = given.map(
      (level) => (level instanceof Prompt ? optionsOfPrompt<S>(level) : level) as ChatOptions<S>,
    );
    const merged = mergeOptions<ChatOptions<S>>(this.#defaults.turns, ...levels.filter((level) => level !== undefined));
    return new Chat<S>(this, this.#replica, thread, merged, this.#defaults.registry);
  }

  /** The same as `chat().send`. */
  send<Output = unknown>(
    input: string | Part[] | SendInput<S, Output>,
    options?: SendOptions<S, Output>,
  ): Turn<Output> {
    return this.chat().send(input, options);
  }

  /**
   * Changes the state: a patch is merged shallowly; a function makes the next state of the current one, and is called
   * again where somebody else was faster, so that nobody's change is lost. Resolves the new state.
   *
   * Rejects with INVALID_STATE where it does not fit the schema, and NOT_SERIALIZABLE.
   *
   * @example
   * ```ts
   * import { sess } from '@sess/core';
   *
   * const session = sess().createSession({ initialState: { count: 0 } });
   * await Promise.all([1, 2, 3].map(() => session.updateState(({ count }) => ({ count: count + 1 }))));
   * console.log(session.state.count); // 3
   * ```
   */
  async updateState(update: Partial<S> | ((state: S) => S)): Promise<S> {
    const isPatch = typeof update !== 'function' && isObject(update);
    // It may have been changed by the time that it is merged. No deeper: a schema must see what it was given.
    const given = isPatch ? { ...update } : update;
    let refusal: { error: unknown; version: string | null | undefined } | undefined;
    const known = await this.#replica.commit((current) => {
      try {
        refusal = undefined;
        return { ...this.#stateChange(current, given), holds: this.#holds() };
      } catch (error) {
        refusal = { error, version: current?.versions.state };
        return undefined;
      }
    });
    if (refusal === undefined) return known?.state as S;
    const fresh = await this.#replica.refresh({ last: 0 });
    if (fresh?.versions.state === refusal.version) throw refusal.error;
    return this.updateState(given); // what was refused was a change of a state that others have replaced
  }

  /** Merges metadata shallowly; null removes a key. */
  async setMetadata(metadata: Record<string, unknown>): Promise<void> {
    const stored = toStored(metadata, 'metadata');
    await this.#replica.commit(() => ({ metadata: stored, holds: this.#holds() }));
  }

  /** Lets the session live for another `ttl` of its store. Stores one that is new. */
  async keepAlive(): Promise<void> {
    await this.#replica.commit(() => ({}));
  }

  /**
   * Messages of a thread as they are stored, oldest first: the newest `last` of those before index `before`. Empty
   * where the thread is. Rejects with NOT_FOUND where the session is gone.
   */
  async history(
    thread: string = MAIN_THREAD,
    { last, before }: Omit<SessionRead, 'threads'> = {},
  ): Promise<MessageData[]> {
    const record = await this.#replica.read(defined<SessionRead>({ threads: [thread], last, before }));
    return own(record?.threads, thread) ?? [];
  }

  /**
   * Empties a thread, or all of them; the state and the title stay. Does not wait: a turn that runs there is aborted
   * and rejects with CONFLICT.
   */
  async reset(thread?: string): Promise<void> {
    if (thread !== undefined) checkId(thread, 'thread name');
    const empty = ({ base }: Pick<ThreadChange, 'base'>) => ({ base, keep: 0, append: [], turn: null });
    let threads: string[] = [];
    await this.#replica.refresh({ last: 0 });
    await this.#replica.commit((known) => {
      const versions = known?.versions.threads ?? {};
      threads = Object.keys(versions).filter((name) => thread === undefined || name === thread);
      if (threads.length === 0) return undefined;
      return { threads: mapRecord(versions, (base, name) => (threads.includes(name) ? empty({ base }) : undefined)) };
    });
    for (const name of threads) ThreadLine.of(this.store, this.id, name).check(lostTurnError('reset', this.id, name));
  }

  /**
   * Makes a new session of this one: all of its threads, or one, up to message `at`; with its state, owner and metadata,
   * and `metadata.forkedFrom` to tell where it comes from. It is stored before the promise resolves.
   */
  async fork({ thread, at }: { thread?: string; at?: number } = {}): Promise<Session<S>> {
    if (at !== undefined && thread === undefined) {
      throw new SessError('INVALID_ARGUMENT', 'at counts the messages of a thread: name the thread.', {
        sessionId: this.id,
      });
    }
    const threads = thread === undefined ? undefined : [thread];
    const record = await this.#replica.read(defined<SessionRead>({ threads, before: at }));
    const lineage = { sessionId: this.id, ...(thread !== undefined && { thread }), ...(at !== undefined && { at }) };
    const creation = record ?? this.#replica.creation;
    const replica = this.#defaults.newReplica({
      state: creation.state,
      owner: creation.owner,
      metadata: { ...creation.metadata, forkedFrom: lineage },
    });
    await replica.commit(() => ({
      threads: mapRecord(record?.threads, (append) => ({ base: null, keep: 0, append })),
    }));
    return new Session<S>(replica, this.#defaults);
  }

  /** Deletes the session. A turn that runs in it is aborted, and rejects with NOT_FOUND. False where there was none. */
  async delete(): Promise<boolean> {
    const wasThere = await this.#replica.delete();
    ThreadLine.checkAll(this.store, this.id, goneError(this.id));
    return wasThere;
  }

  /** Calls a function inside of which `currentSession()` is this session. */
  run<T>(callback: () => T): T {
    return turnContext.run({ session: this, turns: surroundingTurns() }, callback);
  }

  /** What is known of the session; undefined for a new one. */
  get #loaded(): SessionReplica<S>['known'] {
    if (!this.#replica.isLoaded) {
      throw new SessError('NOT_LOADED', `Session ${JSON.stringify(this.id)} was not read yet: await session.load().`, {
        sessionId: this.id,
      });
    }
    return this.#replica.known;
  }

  #stateChange(current: SessionReplica<S>['known'], update: Partial<S> | ((state: S) => S)) {
    const state = this.#stateOf(current);
    const next = typeof update === 'function' ? update(structuredClone(state)) : merge(state, update);
    return {
      state: { base: current?.versions.state ?? null, value: storedState(this.#defaults.schema, next, this.id) },
    };
  }

  #stateOf(known: SessionReplica<S>['known']): S {
    if (known !== undefined) return known.state as S;
    const { state } = this.#replica.creation;
    return state === undefined ? (state as S) : freeze(checkState(this.#defaults.schema, state, this.id));
  }

  #holds(): Record<string, string> {
    return holdsOf(surroundingTurns(), this.#replica);
  }

  #wholeOrWindow(): SessionRead {
    const { window } = this.#defaults.turns;
    return window === undefined ? {} : { last: window };
  }
}

function merge<S>(state: S, patch: Partial<S>): S {
  if (isObject(patch) && (state === undefined || isObject(state))) return { ...state, ...patch };
  throw new SessError(
    'INVALID_ARGUMENT',
    'Only an object can be merged into a state that is an object; give a function.',
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
