import type { AgentOptions } from './agent.ts';
import { type MessageInput, stampMessage, stampMessages, turnOf, visibleMessages } from './chat-messages.ts';
import {
  type ChatOptions,
  checkTurnOptions,
  mergeOptions,
  type SendInput,
  type SendOptions,
  type TurnSettings,
} from './chat-options.ts';
import type { ChatResponse } from './chat-response.ts';
import { claimThread, type Patience } from './claim-thread.ts';
import { type InterruptAnswer, interruptAnswers } from './interrupt-answers.ts';
import type { KnownSession } from './known-session.ts';
import { discardOpenTurn, findOpenTurn, type OpenTurnInfo, turnOfOpen } from './open-turn.ts';
import { agentFor, nextQuestion } from './question.ts';
import type { Registry } from './registry.ts';
import { runTurn } from './run-turn.ts';
import type { Session } from './session.ts';
import type { SessionReplica, ThreadNeed } from './session-replica.ts';
import { checkId, type MessageData, own, type Part, SessError, type ToolRequestPart } from './store/index.ts';
import { type ThreadEdit, threadChange } from './thread-change.ts';
import { type LocalTurn, ThreadLine } from './thread-line.ts';
import { pendingInterrupts } from './tool-requests.ts';
import { Turn, type TurnControls } from './turn.ts';
import { holdsOf, surroundingTurns, turnContext } from './turn-context.ts';
import { abortedError, lostTurnError } from './turn-error.ts';
import type { TurnPlan } from './turn-plan.ts';

/** A conversation on one thread of a session. Several chats on one thread are the same conversation. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class Chat<S = any> {
  readonly session: Session<S>;
  readonly thread: string;
  readonly #replica: SessionReplica<S>;
  readonly #options: ChatOptions<S> & AgentOptions<S>;
  readonly #registry: Registry;
  readonly #initial: readonly MessageData[];

  /** @internal Use `session.chat()`. */
  constructor(
    session: Session<S>,
    replica: SessionReplica<S>,
    thread: string,
    options: ChatOptions<S> & AgentOptions<S>,
    registry: Registry,
  ) {
    this.session = session;
    this.thread = checkId(thread, 'thread name');
    this.#replica = replica;
    this.#options = options;
    this.#registry = registry;
    checkTurnOptions(options);
    const turn = crypto.randomUUID();
    this.#initial = stampMessages(options.messages ?? [], turn);
  }

  /**
   * The conversation as it was last known; with `window`, its end. A turn's messages are in it once they are stored.
   * Throws NOT_LOADED before the session was read.
   */
  get messages(): MessageData[] {
    const { window } = this.#options;
    const messages = visibleMessages(this.#shown());
    return window === undefined ? messages : messages.slice(-window);
  }

  /**
   * The tool requests that wait for answers from outside, as the conversation was last known: see {@link respond}.
   * Throws NOT_LOADED before the session was read.
   */
  get interrupts(): ToolRequestPart[] {
    const shown = this.#shown();
    // With a small window, these may be answers whose requests are not known.
    if (shown.length > 0 && shown.every(({ role }) => role === 'tool')) throw this.#notLoaded();
    return pendingInterrupts(shown);
  }

  /** Reads the conversation where it is not known yet. */
  async load(): Promise<void> {
    await this.#replica.load({ thread: this.thread, window: this.#options.window });
  }

  /**
   * Says something and has the model answer. The question is stored before the model is called, each round of tools
   * when it is finished, and the turn resolves after the answer is. Never throws; the turn rejects with ABORTED, BUSY,
   * CONFLICT (the turn was taken over, or the thread was reset), INTERRUPT_PENDING (see {@link respond}),
   * INVALID_ARGUMENT, LIMIT_REACHED (see `maxTurns`), MODEL_FAILED, TOOL_FAILED (by a tool), or what the store rejected
   * with.
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
  send<Output = unknown>(
    input: string | Part[] | SendInput<S, Output>,
    options: SendOptions<S, Output> = {},
  ): Turn<Output> {
    const isCurrent = this.#currency();
    return Turn.start((controls) => {
      const { prompt, messages, keep, ...settings } = asSendInput(input);
      if (prompt === undefined && messages === undefined) {
        throw new SessError('INVALID_ARGUMENT', 'There is nothing to send: give a text, parts, a prompt or messages.');
      }
      const turn = crypto.randomUUID();
      const said = stampMessages(messages ?? [], turn);
      if (prompt !== undefined) said.push(stampMessage({ role: 'user', content: prompt }, turn));
      const begin = this.#saying(turn, said, { asksModel: true, keep, isCurrent });
      const plan = { turn, openTurn: turn, begin, keep };
      return this.#takeTurn<Output>(mergeOptions<SendOptions<S>>(settings, options), controls, async () => plan);
    });
  }

  /** The same turn as `send`, under Genkit's name. */
  sendStream<Output = unknown>(
    input: string | Part[] | SendInput<S, Output>,
    options?: SendOptions<S, Output>,
  ): Turn<Output> {
    return this.send(input, options);
  }

  /**
   * Answers the tools that wait for it, all of them, and goes on with the turn that they have interrupted: perhaps in
   * another process than that of the question. An output is checked by the `outputSchema` of its tool, where that is
   * known here. Rejects with INVALID_ARGUMENT, which names the refs that lack an answer or have none to get; else like
   * `send`.
   *
   * @example
   * ```ts
   * import { sess } from '@sess/core';
   * import { scriptedModel } from '@sess/core/testing';
   *
   * const model = scriptedModel([{ toolRequest: { name: 'confirm', input: { amount: 99 } } }], 'Paid.');
   * const ai = sess({ model });
   * const confirm = ai.defineInterrupt({ name: 'confirm', description: 'Asks the user to confirm a payment.' });
   * const chat = ai.chat({ tools: [confirm] });
   * const { finishReason } = await chat.send('Pay!');
   * console.log(finishReason); // interrupted
   * const answers = chat.interrupts.map(({ toolRequest: { ref } }) => ({ ref, output: 'yes' }));
   * console.log((await chat.respond(answers)).text); // Paid.
   * ```
   */
  respond<Output = unknown>(answers: readonly InterruptAnswer[], options: SendOptions<S, Output> = {}): Turn<Output> {
    return Turn.start((controls) =>
      this.#takeTurn<Output>(options, controls, async (need) => {
        const history = own((await this.#reread(need))?.threads, this.thread) ?? [];
        const turn = turnOf(history.findLast(({ role }) => role === 'model')) ?? crypto.randomUUID();
        const tools = this.#settings(options).tools ?? [];
        const message = await interruptAnswers(history, answers, (name) => this.#registry.tool(name, tools));
        const say = this.#saying(turn, [stampMessage(message, turn)], { asksModel: true });
        const begin = (current?: KnownSession<S>) => {
          const { length } = pendingInterrupts(own(current?.threads, this.thread) ?? []);
          if (length === answers.length) return say(current);
          throw new SessError('CONFLICT', 'Somebody else has answered meanwhile.', { thread: this.thread });
        };
        return { turn, openTurn: `${turn}.${crypto.randomUUID()}`, begin };
      }),
    );
  }

  /**
   * Goes on with a turn that was abandoned: its process was killed, or could not store. What was stored of it stays.
   * Rejects with INVALID_ARGUMENT where no turn is open, and with BUSY where it is still running; else like `send`.
   */
  resume<Output = unknown>(options: SendOptions<S, Output> = {}): Turn<Output> {
    return Turn.start((controls) =>
      this.#takeTurn<Output>(options, controls, async (need) => {
        const turn = turnOfOpen(await this.#reread(need), this.thread) ?? '';
        const goOn = this.#saying(turn, [], { asksModel: true });
        const begin = (current?: KnownSession<S>) => {
          if (turnOfOpen(current, this.thread) === turn) return goOn(current);
          throw new SessError('INVALID_ARGUMENT', `No turn is open on thread ${JSON.stringify(this.thread)}.`);
        };
        return { turn, openTurn: `${turn}.${crypto.randomUUID()}`, begin };
      }),
    );
  }

  /**
   * Stores messages without calling a model. Takes its turn like `send`, and rejects like it. The answers to several
   * tool requests may come one by one, in tool messages.
   */
  async append(messages: readonly MessageInput[], options: SendOptions<S> = {}): Promise<void> {
    const turn = crypto.randomUUID();
    await this.#write(options, this.#saying(turn, stampMessages(messages, turn), { asksModel: false }));
  }

  /**
   * Drops the messages from index `keep` on. Takes its turn like `send`. Rejects with CONFLICT where somebody else has
   * written to the thread since it was read.
   */
  async truncate(keep: number, options: SendOptions<S> = {}): Promise<void> {
    const cut = this.#saying(crypto.randomUUID(), [], {
      asksModel: false,
      keep,
      isCurrent: this.#currency(),
    });
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
    return findOpenTurn(this.#replica, { thread: this.thread, window: this.#options.window }, this.#line, signal);
  }

  /**
   * Closes the turn that is open, or waits for answers from outside, and removes its messages. Does not wait: where the
   * turn is running, it is aborted and rejects with CONFLICT. Resolves whether there was such a turn.
   */
  async discard(): Promise<boolean> {
    const wasThere = await discardOpenTurn(this.#replica, this.thread);
    if (wasThere) this.#line.check(lostTurnError('discarded', this.session.id, this.thread));
    return wasThere;
  }

  get #line(): ThreadLine {
    return ThreadLine.of(this.#replica.store, this.session.id, this.thread);
  }

  /** The messages that are known, from as far back as the window needs. */
  #shown(): readonly MessageData[] {
    const need = { thread: this.thread, window: this.#options.window };
    const shown = this.#replica.isLoaded ? this.#replica.shownMessages(need) : undefined;
    if (shown === undefined) throw this.#notLoaded();
    const isAbsent = own(this.#replica.known?.versions.threads, this.thread) === undefined;
    return isAbsent ? this.#initial : shown;
  }

  #notLoaded(): SessError {
    return new SessError(
      'NOT_LOADED',
      `Thread ${JSON.stringify(this.thread)} of session ${JSON.stringify(this.session.id)} was not read yet: await chat.load().`,
      { sessionId: this.session.id, thread: this.thread },
    );
  }

  /** What is known of the thread once it has been looked at anew. */
  async #reread(need: ThreadNeed): Promise<KnownSession<S> | undefined> {
    await this.#replica.refresh({ last: 0, threads: [this.thread] });
    return this.#replica.load(need);
  }

  /** Runs a turn, once it has the thread to itself. */
  async #takeTurn<Output>(
    options: SendOptions<S>,
    { emit, signal }: TurnControls,
    prepare: (need: ThreadNeed) => Promise<Pick<TurnPlan<S>, 'turn' | 'openTurn' | 'begin' | 'keep'>>,
  ): Promise<ChatResponse<Output>> {
    const settings = this.#settings(options);
    const aborted = options.signal ? AbortSignal.any([signal, options.signal]) : signal;
    const place: LocalTurn = {};
    return this.#inLine(settings, aborted, place, async (need, patience) => {
      const prepared = await prepare(need);
      const asking = {
        session: this.session,
        replica: this.#replica,
        registry: this.#registry,
        need,
        chat: this.#options,
        send: options,
      };
      // What cannot be asked is not stored.
      const first = await agentFor({ ...asking, need: { ...need, keep: prepared.keep } });
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
        session: this.session,
        replica: this.#replica,
        need,
        patience,
        leaseMs: settings.leaseMs,
        emit,
        aborted,
        place,
        lost: new AbortController(),
        ask: (isFirst) => nextQuestion(asking, prepared.turn, isFirst ? undefined : first),
        outerHolds: () => holdsOf(outerTurns, this.#replica),
      };
      const response = await turnContext.run({ session: this.session, turns: [...outerTurns, turn] }, () =>
        runTurn(plan),
      );
      turn.isOver = true; // not of one that failed: what runs on after it still belongs to it, and cannot write
      return response as ChatResponse<Output>;
    });
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

  /** The change that says `messages`, on what is known by then. */
  #saying(turn: string, messages: readonly MessageData[], more: Pick<ThreadEdit, 'asksModel' | 'keep' | 'isCurrent'>) {
    const edit = { thread: this.thread, turn, messages, initial: this.#initial, ...more };
    return (known: KnownSession<S> | undefined) => threadChange(known, edit);
  }

  /** Tells later whether nobody else has written to the thread since now. */
  #currency(): () => boolean {
    const writes = this.#replica.foreignWrites(this.thread);
    return () => this.#replica.foreignWrites(this.thread) === writes;
  }
}

function asSendInput<S, Output>(input: string | Part[] | SendInput<S, Output>): SendInput<S, Output> {
  if (typeof input === 'string' || Array.isArray(input)) return { prompt: input };
  if (typeof input === 'object' && input !== null) return input;
  throw new SessError('INVALID_ARGUMENT', 'Send a text, parts, or an object with prompt or messages.');
}
