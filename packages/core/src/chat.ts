import { type MessageInput, stampMessage, turnOf, visibleMessages } from './chat-messages.ts';
import {
  type ChatOptions,
  checkTurnOptions,
  mergeOptions,
  type SendInput,
  type SendOptions,
  type TurnSettings,
} from './chat-options.ts';
import type { ChatResponse } from './chat-response.ts';
import { claimThread, outwaitTurn, type Patience } from './claim-thread.ts';
import type { KnownSession } from './known-session.ts';
import type { Model, ModelRequest } from './model.ts';
import { modelRequest } from './model-request.ts';
import { runTurn, type TurnPlan } from './run-turn.ts';
import type { Session } from './session.ts';
import type { SessionReplica, ThreadNeed } from './session-replica.ts';
import { checkId, defined, type MessageData, own, type Part, SessError, type SessionRead } from './store/index.ts';
import { type ThreadEdit, threadChange } from './thread-change.ts';
import { type LocalTurn, ThreadLine } from './thread-line.ts';
import { Turn, type TurnControls } from './turn.ts';
import { holdsOf, surroundingTurns, turnContext } from './turn-context.ts';
import { abortedError, lostTurnError } from './turn-error.ts';

/** A turn that is open on a thread, as far as can be told. */
export interface OpenTurnInfo {
  id: string;
  /** When it was opened, in ms since the epoch, by its owner's clock. */
  openedAt: number;
  /** `abandoned`: its process has shown no sign of life for a whole lease. */
  status: 'running' | 'abandoned';
}

/** A conversation on one thread of a session. Several chats on one thread are the same conversation. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class Chat<S = any> {
  readonly session: Session<S>;
  readonly thread: string;
  readonly #replica: SessionReplica<S>;
  readonly #options: ChatOptions<S>;
  readonly #modelNamed: (name: string) => Model | undefined;
  readonly #initial: readonly MessageData[];

  /** @internal Use `session.chat()`. */
  constructor(
    session: Session<S>,
    replica: SessionReplica<S>,
    thread: string,
    options: ChatOptions<S>,
    modelNamed: (name: string) => Model | undefined,
  ) {
    this.session = session;
    this.thread = checkId(thread, 'thread name');
    this.#replica = replica;
    this.#options = options;
    this.#modelNamed = modelNamed;
    checkTurnOptions(options);
    const turn = crypto.randomUUID();
    this.#initial = (options.messages ?? []).map((message) => stampMessage(message, turn));
  }

  /**
   * The conversation as it was last known; with `window`, its end. A turn's messages are in it once they are stored.
   * Throws NOT_LOADED before the session was read.
   */
  get messages(): MessageData[] {
    const { window } = this.#options;
    const need = { thread: this.thread, window };
    const shown = this.#replica.isLoaded ? this.#replica.shownMessages(need) : undefined;
    if (shown === undefined) {
      throw new SessError(
        'NOT_LOADED',
        `Thread ${JSON.stringify(this.thread)} of session ${JSON.stringify(this.session.id)} was not read yet: await chat.load().`,
        { sessionId: this.session.id, thread: this.thread },
      );
    }
    const isAbsent = own(this.#replica.known?.versions.threads, this.thread) === undefined;
    const messages = visibleMessages(isAbsent ? this.#initial : shown);
    return window === undefined ? messages : messages.slice(-window);
  }

  /** Reads the conversation where it is not known yet. */
  async load(): Promise<void> {
    await this.#replica.load({ thread: this.thread, window: this.#options.window });
  }

  /**
   * Says something and has the model answer. The question is stored before the model is called, and the turn resolves
   * after the answer is. Never throws; the turn rejects with ABORTED, BUSY, CONFLICT (the turn was taken over, or the
   * thread was reset), MODEL_FAILED, or what the store rejected with.
   *
   * @example
   * ```ts
   * import { sess } from '@sess/core';
   * import { demoModel } from '@sess/core/testing';
   *
   * const chat = sess({ model: demoModel() }).chat();
   * const { text } = await chat.send('Hello!');
   * console.log(text);
   * ```
   */
  send(input: string | Part[] | SendInput<S>, options: SendOptions<S> = {}): Turn {
    const isCurrent = this.#currency();
    return Turn.start((controls) => {
      const { prompt, messages, keep, ...settings } = asSendInput(input);
      if (prompt === undefined && messages === undefined) {
        throw new SessError('INVALID_ARGUMENT', 'There is nothing to send: give a text, parts, a prompt or messages.');
      }
      const turn = crypto.randomUUID();
      const said: MessageInput[] = [...(messages ?? [])];
      if (prompt !== undefined) said.push({ role: 'user', content: prompt });
      const stamped = said.map((message) => stampMessage(message, turn));
      const begin = this.#saying(turn, stamped, { keep, isCurrent });
      return this.#takeTurn(mergeOptions<SendOptions<S>>(settings, options), controls, async () => ({
        turn,
        openTurn: turn,
        begin,
        keep,
      }));
    });
  }

  /** The same turn as `send`, under Genkit's name. */
  sendStream(input: string | Part[] | SendInput<S>, options?: SendOptions<S>): Turn {
    return this.send(input, options);
  }

  /**
   * Goes on with a turn that was abandoned: its process was killed, or could not store. What was stored of it stays.
   * Rejects with INVALID_ARGUMENT where no turn is open, and with BUSY where it is still running; else like `send`.
   */
  resume(options: SendOptions<S> = {}): Turn {
    return Turn.start((controls) =>
      this.#takeTurn(options, controls, async (need) => {
        const known = await this.#replica.refresh(defined<SessionRead>({ threads: [this.thread], last: need.window }));
        const turn = turnOfOpen(known, this.thread) ?? '';
        const goOn = this.#saying(turn, []);
        const begin = (current?: KnownSession<S>) => {
          if (turnOfOpen(current, this.thread) === turn) return goOn(current);
          throw new SessError('INVALID_ARGUMENT', `No turn is open on thread ${JSON.stringify(this.thread)}.`);
        };
        return { turn, openTurn: `${turn}.${crypto.randomUUID()}`, begin };
      }),
    );
  }

  /** Stores messages without calling a model. Takes its turn like `send`, and rejects like it. */
  async append(messages: readonly MessageInput[], options: SendOptions<S> = {}): Promise<void> {
    const turn = crypto.randomUUID();
    const stamped = messages.map((message) => stampMessage(message, turn));
    await this.#write(options, this.#saying(turn, stamped));
  }

  /**
   * Drops the messages from index `keep` on. Takes its turn like `send`. Rejects with CONFLICT where somebody else has
   * written to the thread since it was read.
   */
  async truncate(keep: number, options: SendOptions<S> = {}): Promise<void> {
    const cut = this.#saying(crypto.randomUUID(), [], { keep, isCurrent: this.#currency() });
    await this.#write(options, (known) => {
      const change = cut(known);
      return { ...change, append: change.append.slice(0, keep - change.keep) };
    });
  }

  /**
   * The turn that is open on the thread, if one is. Watches it until it is known whether it is running or abandoned,
   * which takes a lease at most.
   */
  async openTurn({
    signal = new AbortController().signal,
  }: {
    signal?: AbortSignal;
  } = {}): Promise<OpenTurnInfo | undefined> {
    const infoOf = (status: OpenTurnInfo['status']): OpenTurnInfo | undefined => {
      const open = own(this.#replica.known?.openTurns, this.thread);
      return open && { id: open.id, openedAt: open.at, status };
    };
    await this.#replica.refresh({ last: 0, threads: [this.thread] });
    if (this.#line.isBusy) return infoOf('running');
    try {
      const patience = { whenBusy: 'reject', deadline: Number.POSITIVE_INFINITY, signal } as const;
      await outwaitTurn(this.#replica, this.thread, patience);
      return infoOf('abandoned');
    } catch (error) {
      if (!SessError.is(error, 'BUSY')) throw error;
      return infoOf('running');
    }
  }

  /**
   * Closes the open turn and removes its messages. Does not wait: where the turn is running, it is aborted and rejects
   * with CONFLICT. Resolves whether a turn was open.
   */
  async discard(): Promise<boolean> {
    let wasOpen = false;
    await this.#replica.refresh({ threads: [this.thread] });
    await this.#replica.commit(
      (known) => {
        const turn = turnOfOpen(known, this.thread);
        wasOpen = turn !== undefined;
        if (!wasOpen) return undefined;
        const messages = own(known?.threads, this.thread) ?? [];
        const keep = messages.findLastIndex((message) => turnOf(message) !== turn) + 1;
        const base = own(known?.versions.threads, this.thread) ?? null;
        return { threads: { [this.thread]: { base, keep, append: [], turn: null } } };
      },
      { thread: this.thread },
    );
    if (wasOpen) this.#line.check(lostTurnError('discarded', this.session.id, this.thread));
    return wasOpen;
  }

  get #line(): ThreadLine {
    return ThreadLine.of(this.#replica.store, this.session.id, this.thread);
  }

  /** Runs a turn, once it has the thread to itself. */
  async #takeTurn(
    options: SendOptions<S>,
    { emit, signal }: TurnControls,
    prepare: (need: ThreadNeed) => Promise<Pick<TurnPlan<S>, 'turn' | 'openTurn' | 'begin' | 'keep'>>,
  ): Promise<ChatResponse> {
    const settings = this.#settings(options);
    const model = this.#modelOf(settings);
    const aborted = options.signal ? AbortSignal.any([signal, options.signal]) : signal;
    const place: LocalTurn = {};
    return this.#inLine(settings, aborted, place, async (need, patience) => {
      const prepared = await prepare(need);
      const outerTurns = surroundingTurns();
      const turn = {
        line: this.#line,
        replica: this.#replica,
        thread: this.thread,
        id: prepared.openTurn,
        isOver: false,
      };
      const plan: TurnPlan<S> = {
        ...prepared,
        replica: this.#replica,
        need,
        patience,
        model,
        leaseMs: settings.leaseMs,
        emit,
        aborted,
        place,
        lost: new AbortController(),
        ask: () => this.#request(need, settings),
        outerHolds: () => holdsOf(outerTurns, this.#replica),
      };
      try {
        return await turnContext.run({ session: this.session, turns: [...outerTurns, turn] }, () => runTurn(plan));
      } finally {
        turn.isOver = true;
      }
    });
  }

  /** What the model is asked; a preamble that is made of the state is made of the state that is stored now. */
  async #request(need: ThreadNeed, settings: TurnSettings<S>): Promise<Omit<ModelRequest, 'signal'>> {
    if (typeof settings.system === 'function') await this.#replica.refresh({ last: 0, threads: [this.thread] });
    const known = await this.#replica.load(need);
    return modelRequest(this.session, own(known?.threads, this.thread) ?? [], settings);
  }

  /** Commits one change to the thread, once it has the thread to itself. */
  async #write(options: SendOptions<S>, build: TurnPlan<S>['begin']): Promise<void> {
    const aborted = options.signal ?? new AbortController().signal;
    await this.#inLine(this.#settings(options), aborted, {}, (need, patience) =>
      claimThread(this.#replica, need, patience, (known) => ({
        threads: { [this.thread]: { ...build(known), turn: null } },
        holds: holdsOf(surroundingTurns(), this.#replica),
      })),
    );
  }

  async #inLine<T>(
    { window, whenBusy, waitTimeout }: TurnSettings<S>,
    aborted: AbortSignal,
    place: LocalTurn,
    run: (need: ThreadNeed, patience: Patience) => Promise<T>,
  ): Promise<T> {
    const line = this.#line;
    const isOwnTurn = surroundingTurns().some((turn) => turn.line === line);
    const patience = { whenBusy, deadline: performance.now() + waitTimeout, signal: aborted };
    try {
      await line.enter(place, isOwnTurn || whenBusy === 'reject' ? 0 : waitTimeout, aborted);
      try {
        return await run({ thread: this.thread, window }, patience);
      } finally {
        line.leave();
      }
    } catch (error) {
      const isAbort = aborted.aborted && error === aborted.reason;
      throw isAbort ? abortedError(error, this.session.id, this.thread) : error;
    }
  }

  #settings(options: SendOptions<S>): TurnSettings<S> {
    return checkTurnOptions(mergeOptions<SendOptions<S>>(this.#options, options));
  }

  #modelOf({ model }: TurnSettings<S>): Model {
    const found = typeof model === 'string' ? this.#modelNamed(model) : model;
    if (typeof found === 'function') return found;
    const problem = model === undefined ? 'There is no model' : `There is no model ${JSON.stringify(model)}`;
    throw new SessError('INVALID_ARGUMENT', `${problem}: give one to sess(), to the chat or to send().`);
  }

  /** The change that says `messages`, on what is known by then. */
  #saying(turn: string, messages: readonly MessageData[], more: Pick<ThreadEdit, 'keep' | 'isCurrent'> = {}) {
    const edit = { thread: this.thread, turn, messages, initial: this.#initial, ...more };
    return (known: KnownSession<S> | undefined) => threadChange(known, edit);
  }

  /** Tells later whether nobody else has written to the thread since now. */
  #currency(): () => boolean {
    const writes = this.#replica.foreignWrites(this.thread);
    return () => this.#replica.foreignWrites(this.thread) === writes;
  }
}

function asSendInput<S>(input: string | Part[] | SendInput<S>): SendInput<S> {
  if (typeof input === 'string' || Array.isArray(input)) return { prompt: input };
  if (typeof input === 'object' && input !== null) return input;
  throw new SessError('INVALID_ARGUMENT', 'Send a text, parts, or an object with prompt or messages.');
}

/** The id of the turn that is open on a thread, whoever goes on with it. */
function turnOfOpen(known: KnownSession | undefined, thread: string): string | undefined {
  return own(known?.openTurns, thread)?.id.split('.')[0];
}
