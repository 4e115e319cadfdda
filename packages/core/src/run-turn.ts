import { stampMessage, visibleMessages } from './chat-messages.ts';
import { type ChatChunk, ChatResponse, textOf } from './chat-response.ts';
import { claimThread, type Patience } from './claim-thread.ts';
import { giveUpTurn } from './foreign-turns.ts';
import type { KnownSession } from './known-session.ts';
import type { Model, ModelRequest, ModelResponse } from './model.ts';
import type { ChangeParts, SessionReplica, ThreadNeed } from './session-replica.ts';
import { type MessageData, own, type Part, SessError, type ThreadChange } from './store/index.ts';
import type { LocalTurn } from './thread-line.ts';
import { abortedError } from './turn-error.ts';
import { isLost, keepLease } from './turn-lease.ts';

/** What one turn does, and on what. */
export interface TurnPlan<S> {
  readonly replica: SessionReplica<S>;
  readonly need: ThreadNeed;
  readonly model: Model;
  readonly leaseMs: number;
  readonly patience: Patience;
  /** The turn's id, stamped on its messages. */
  readonly turn: string;
  /** Its id in the store: another one each time it is resumed, so that only one process can go on with it. */
  readonly openTurn: string;
  /** What the turn does to the thread before the model is called. */
  begin(known: KnownSession<S> | undefined): Pick<ThreadChange, 'base' | 'keep' | 'append'>;
  /** How many of the messages the turn keeps. Default: all. */
  readonly keep?: number | undefined;
  /** What the model is asked, once the turn is open. */
  ask(): Promise<Omit<ModelRequest, 'signal'>>;
  /** The turns around this one that must still be open whenever it writes. */
  outerHolds(): Record<string, string>;
  emit(chunk: ChatChunk): void;
  /** Fires when the turn is aborted. */
  readonly aborted: AbortSignal;
  /** Its place in the thread's line. */
  readonly place: LocalTurn;
  /** Fires, with the error to report, when the turn's place in the store is gone. */
  readonly lost: AbortController;
}

/**
 * Runs one turn: stores the question and opens the turn, calls the model, stores the answer and closes the turn. Where
 * the model fails or the turn is aborted, what was finished stays, and the turn is closed all the same.
 */
export async function runTurn<S>(plan: TurnPlan<S>): Promise<ChatResponse> {
  await openTurn(plan);
  const { replica, need, lost, place } = plan;
  const lease = keepLease(replica, need.thread, plan.openTurn, plan.leaseMs, (error) => lost.abort(error));
  place.check = lease.check;
  const spoken: Part[] = [];
  try {
    const answer = await callModel(plan, spoken);
    return await storeAnswer(plan, answer);
  } catch (error) {
    if (lost.signal.aborted) throw lost.signal.reason;
    throw await endTurn(plan, error, spoken);
  } finally {
    lease.stop();
  }
}

async function openTurn<S>({ replica, need, leaseMs, patience, ...plan }: TurnPlan<S>): Promise<void> {
  try {
    await claimThread(replica, { ...need, keep: plan.keep }, patience, (known) => ({
      threads: {
        [need.thread]: { ...plan.begin(known), turn: { id: plan.openTurn, at: Date.now(), leaseMs, beat: 0 } },
      },
      holds: plan.outerHolds(),
    }));
  } catch (error) {
    giveUpTurn(plan.openTurn); // it may have been opened all the same
    throw plan.aborted.aborted ? abortedError(plan.aborted.reason, replica.id, need.thread) : error;
  }
}

async function callModel<S>(plan: TurnPlan<S>, spoken: Part[]): Promise<ModelResponse> {
  const signal = AbortSignal.any([plan.aborted, plan.lost.signal]);
  signal.throwIfAborted();
  const request = { ...(await plan.ask()), signal };
  signal.throwIfAborted();
  const onChunk = ({ content }: { content: Part[] }) => {
    if (signal.aborted) return;
    spoken.push(...content);
    plan.emit({ text: textOf({ content }), content });
  };
  const calling = (async () => plan.model(request, onChunk))();
  try {
    const response = await unlessAborted(calling, signal);
    const message = stampMessage(response.message, plan.turn);
    if (message.role !== 'model') throw new TypeError(`The answer has the role ${message.role}, not model.`);
    if (spoken.length === 0) onChunk(message);
    return { ...response, message };
  } catch (cause) {
    if (signal.aborted || SessError.is(cause, 'MODEL_FAILED')) throw cause;
    const { isRetryable, retryable = isRetryable } = Object(cause) as { isRetryable?: unknown; retryable?: unknown };
    throw new SessError('MODEL_FAILED', `The model failed in session ${JSON.stringify(plan.replica.id)}.`, {
      sessionId: plan.replica.id,
      thread: plan.need.thread,
      retryable: retryable === true,
      cause,
    });
  }
}

async function storeAnswer<S>(plan: TurnPlan<S>, answer: ModelResponse): Promise<ChatResponse> {
  const { replica, need, lost } = plan;
  const { message, finishReason = 'stop', usage = {} } = answer;
  try {
    const closed = await replica.commit((known) => closing(plan, known, [message]), need);
    const messages = visibleMessages(own(closed?.threads, need.thread) ?? []);
    return new ChatResponse(messages.at(-1) ?? message, messages, finishReason, usage);
  } catch (error) {
    if (isLost(error)) lost.abort(error);
    throw error;
  }
}

/** Closes a turn that has failed or was aborted, keeping what it had said, and returns what to tell of it. */
async function endTurn<S>(plan: TurnPlan<S>, error: unknown, spoken: Part[]): Promise<unknown> {
  const { replica, need, openTurn, aborted } = plan;
  const partial = isRefusal(error) ? undefined : partialAnswer(plan, spoken);
  let cause: unknown = aborted.aborted ? aborted.reason : error;
  try {
    await closeTurn(plan, partial ? [partial] : []);
  } catch (closingError) {
    giveUpTurn(openTurn);
    cause = new AggregateError([cause, closingError], 'The turn has ended, and could not be closed in the store.');
  }
  if (aborted.aborted) return abortedError(cause, replica.id, need.thread, partial);
  if (!SessError.is(error) || cause === error) return error;
  return new SessError(error.code, error.message, { ...error, cause });
}

/** What a turn had said, as a message; undefined where it had said nothing, or nothing that can be stored. */
function partialAnswer<S>({ turn, aborted }: TurnPlan<S>, spoken: Part[]): MessageData | undefined {
  const content = joinTexts(spoken.filter((part) => part.toolRequest === undefined));
  if (content.length === 0) return undefined;
  try {
    return stampMessage({ role: 'model', content }, turn, aborted.aborted ? 'aborted' : 'failed');
  } catch {
    return undefined;
  }
}

/** Closes the turn where it is still open; without the messages where the store refuses them. */
async function closeTurn<S>(plan: TurnPlan<S>, messages: MessageData[]): Promise<void> {
  const { replica, need, openTurn } = plan;
  try {
    await replica.commit((known) => {
      const isOpen = own(known?.openTurns, need.thread)?.id === openTurn;
      return isOpen ? closing(plan, known, messages) : undefined;
    }, need);
  } catch (error) {
    if (messages.length === 0 || !isRefusal(error)) throw error;
    await closeTurn(plan, []);
  }
}

/** Whether the store refuses to keep something: it would refuse the same again. */
function isRefusal(error: unknown): boolean {
  return (['TOO_LARGE', 'NOT_SERIALIZABLE', 'INVALID_ARGUMENT'] as const).some((code) => SessError.is(error, code));
}

/** The change that appends what a turn ends with, and closes it. */
function closing<S>(
  { need: { thread }, openTurn, outerHolds }: TurnPlan<S>,
  known: KnownSession<S> | undefined,
  append: MessageData[],
): ChangeParts<S> {
  const base = own(known?.versions.threads, thread) ?? null;
  const keep = own(known?.lengths, thread) ?? 0;
  return { threads: { [thread]: { base, keep, append, turn: null } }, holds: { ...outerHolds(), [thread]: openTurn } };
}

/** The parts, with each run of plain texts as one. */
function joinTexts(parts: Part[]): Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (last !== undefined && isPlainText(last) && isPlainText(part)) {
      joined[joined.length - 1] = { text: `${last.text}${part.text}` };
    } else {
      joined.push(part);
    }
  }
  return joined;
}

function isPlainText(part: Part): boolean {
  return Object.keys(part).length === 1 && part.text !== undefined;
}

/** The promise's outcome, or the signal's reason where that fires first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
    if (signal.aborted) stop();
  });
}
