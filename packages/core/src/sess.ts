import type { Chat } from './chat.ts';
import { type ChatOptions, checkTurnOptions, type PromptChatOptions, type TurnOptions } from './chat-options.ts';
import { fullStore } from './full-store.ts';
import { freeze, type KnownSession } from './known-session.ts';
import { memoryStore } from './memory-store.ts';
import { Prompt, type PromptOptions } from './prompt.ts';
import { Registry } from './registry.ts';
import type { CreateSessionOptions, LoadSessionOptions, SessionDefaults, SessOptions } from './sess-options.ts';
import { Session } from './session.ts';
import { type SessionCreation, type SessionOrigin, SessionReplica } from './session-replica.ts';
import { Sessions } from './sessions.ts';
import { checkState, type StandardSchema, storedState } from './standard-schema.ts';
import { checkId, type FullSessionStore, SessError, type SessionStore, toStored } from './store/index.ts';
import { type InterruptOptions, Tool, type ToolFunction, type ToolOptions } from './tool.ts';
import { turnContext } from './turn-context.ts';
import { goneError } from './turn-error.ts';

/**
 * Where everything starts: sessions on a store, with defaults for how they chat.
 *
 * Throws INVALID_ARGUMENT for options that do not fit.
 *
 * @example
 * ```ts
 * import { sess } from '@sess/core';
 * import { demoModel } from '@sess/core/testing';
 *
 * const ai = sess({ model: demoModel() });
 * const session = ai.createSession({ initialState: { userName: 'Pavel' } });
 * const { text } = await session.chat().send('My name is Pavel.');
 * console.log(text);
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function sess<S = any>(options: SessOptions<S> = {}): Sess<S> {
  return new Sess<S>(options);
}

/** Where no schema types the state, the initial one does: one that a schema lets through may lack what is optional. */
type InitialState<S, T> = unknown extends S ? T : NoInfer<T>;

/** What `sess()` makes. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class Sess<S = any> {
  /** The sessions of the store: listing, looking up, deleting. */
  readonly sessions: Sessions;
  /** What is known by name. For integrations, so that they find out early where a name is not. */
  readonly registry: Registry;
  readonly #turns: TurnOptions<S>;
  readonly #schema: StandardSchema<unknown, S> | undefined;
  readonly #store: FullSessionStore;

  /** @internal Use {@link sess}. */
  constructor({ store, state, models, ...turns }: SessOptions<S>) {
    checkTurnOptions(turns);
    this.#turns = turns;
    this.#schema = state;
    this.registry = new Registry(models);
    this.#store = store === undefined ? memoryStore() : fullStore(store);
    this.sessions = new Sessions(this.#store);
  }

  /**
   * A session that is stored by its first `send`, `append`, `updateState`, `setMetadata` or `keepAlive`. With a
   * `sessionId` it is the session of that id where there is one; it is then read at its first awaited call.
   *
   * Throws INVALID_ID, INVALID_STATE, NOT_SERIALIZABLE.
   */
  createSession<T extends S = S>(options: CreateSessionOptions<InitialState<S, T>> = {}): Session<T> {
    const { sessionId, owner, initialState, metadata, store } = options;
    const isNew = sessionId === undefined || sessionId === null || sessionId === '';
    const id = isNew ? crypto.randomUUID() : checkId(sessionId);
    const schema = this.#schema as StandardSchema<unknown, T> | undefined;
    const creation: SessionCreation<T> = freeze({
      state: initialState === undefined ? undefined : storedState(schema, initialState, id),
      owner: owner === undefined ? undefined : checkId(owner, 'owner'),
      metadata: metadata === undefined ? undefined : toStored(metadata, 'metadata'),
    });
    return this.#session<T>(id, isNew ? 'new' : 'unread', creation, owner, store);
  }

  /** The session of an id. Rejects with NOT_FOUND where there is none, or where it is not the owner's. */
  async loadSession<T extends S = S>(sessionId: string, options: LoadSessionOptions = {}): Promise<Session<T>> {
    const { owner, store } = options;
    if (owner !== undefined) checkId(owner, 'owner');
    return this.#session<T>(checkId(sessionId), 'stored', {}, owner, store).load();
  }

  /** The session of an id, which is created where there is none. It is stored before the promise resolves. */
  async openSession<T extends S = S>(
    sessionId: string,
    options: Omit<CreateSessionOptions<InitialState<S, T>>, 'sessionId'> = {},
  ): Promise<Session<T>> {
    const session = await this.createSession<T>({ ...options, sessionId: checkId(sessionId) }).load();
    if (session.isNew) await session.keepAlive();
    return session;
  }

  /** A new session with one chat on it, which a prompt may begin. */
  chat(options?: ChatOptions<S>): Chat<S>;
  chat<Given>(prompt: Prompt<Given>, options?: PromptChatOptions<Given, S>): Chat<S>;
  chat(first?: Prompt | ChatOptions<S>, second?: PromptChatOptions<unknown, S>): Chat<S> {
    const session = this.createSession();
    return first instanceof Prompt ? session.chat(first, second) : session.chat(first);
  }

  /**
   * A function that models can call. What it returns is stored, and told to the model; undefined as null. So is what it
   * throws, and an input or output that does not fit its schema. One that throws a SessError of code TOOL_FAILED ends the
   * turn, which then rejects with that error.
   *
   * Throws INVALID_ARGUMENT where the name is taken, or a schema cannot tell its JSON Schema; INVALID_ID.
   *
   * @example
   * ```ts
   * import { sess } from '@sess/core';
   * import { scriptedModel } from '@sess/core/testing';
   * import { z } from 'zod';
   *
   * const model = scriptedModel([{ toolRequest: { name: 'add', input: { a: 2, b: 3 } } }], 'It is 5.');
   * const ai = sess({ model });
   * const add = ai.defineTool(
   *   { name: 'add', description: 'Adds two numbers.', inputSchema: z.object({ a: z.number(), b: z.number() }) },
   *   ({ a, b }) => a + b,
   * );
   * const { text, messages } = await ai.chat({ tools: [add] }).send('2 + 3?');
   * console.log(text, messages[2]?.content[0]?.toolResponse?.output); // It is 5. 5
   * ```
   */
  defineTool<Input = unknown, Output = unknown>(
    options: ToolOptions<Input, Output>,
    run: ToolFunction<Input, NoInfer<Output>, S>,
  ): Tool<Input, Output> {
    return this.registry.define(new Tool<Input, Output>(options, run));
  }

  /**
   * A tool that is answered from outside, by a person perhaps: a call of it ends the turn with the finish reason
   * `interrupted`, and `chat.respond` goes on. Throws like {@link defineTool}.
   */
  defineInterrupt<Input = unknown, Output = unknown>({
    requestMetadata,
    ...options
  }: InterruptOptions<Input, Output>): Tool<Input, Output> {
    return this.defineTool<Input, Output>(options, (input, { interrupt }) =>
      interrupt(typeof requestMetadata === 'function' ? requestMetadata(input) : requestMetadata),
    );
  }

  /**
   * A preamble with a name, and with the model and tools that belong to it: for `chat(prompt)`, or, among `tools`, for a
   * model to hand the conversation over to. It is rendered at each turn, and never stored.
   *
   * Throws like {@link defineTool}.
   *
   * @example
   * ```ts
   * import { sess } from '@sess/core';
   * import { demoModel } from '@sess/core/testing';
   *
   * const ai = sess<{ userName: string }>({ model: demoModel() });
   * const lawyer = ai.definePrompt({
   *   name: 'lawyer',
   *   system: ({ state }) => `Talk like a lawyer. Your client is ${state.userName}.`,
   * });
   * const session = ai.createSession({ initialState: { userName: 'Pavel' } });
   * await session.chat(lawyer).send('Hello!');
   * ```
   */
  definePrompt<Given = unknown, Input = Given>(options: PromptOptions<Given, Input, S>): Prompt<Given> {
    return this.registry.define(new Prompt<Given>(options));
  }

  /** The session whose tool, prompt, model or `run` calls this. Throws NO_SESSION outside of them. */
  currentSession<T extends S = S>(): Session<T> {
    const { session } = turnContext.getStore() ?? {};
    if (session !== undefined) return session as Session<T>;
    throw new SessError(
      'NO_SESSION',
      'There is no current session: call this inside a tool, a prompt or session.run().',
    );
  }

  /** Calls a function inside of which `currentSession()` is the session given. */
  runWithSession<T>(session: Session, callback: () => T): T {
    return session.run(callback);
  }

  #session<T extends S>(
    id: string,
    origin: SessionOrigin,
    creation: SessionCreation<T>,
    owner: string | undefined,
    givenStore: SessionStore | undefined,
  ): Session<T> {
    const store = givenStore === undefined ? this.#store : fullStore(givenStore);
    const schema = this.#schema as StandardSchema<unknown, T> | undefined;
    const check = (record: KnownSession<T>): KnownSession<T> => {
      if (owner !== undefined && record.owner !== owner) throw goneError(id);
      if (schema === undefined || record.state === undefined) return record;
      return freeze({ ...record, state: checkState(schema, record.state, id) });
    };
    const defaults: SessionDefaults<T> = {
      turns: this.#turns as TurnOptions<T>,
      schema,
      registry: this.registry,
      newReplica: (forked) => new SessionReplica<T>(crypto.randomUUID(), store, 'new', forked, check),
    };
    return new Session<T>(new SessionReplica<T>(id, store, origin, creation, check), defaults);
  }
}
