import { handOverOf, stampMessage, withHandOver } from './chat-messages.ts';
import type { KnownSession } from './known-session.ts';
import { type MessageData, own, SessError, type ThreadChange } from './store/index.ts';
import { answersForLost, isInterrupt, openRequests } from './tool-requests.ts';

/** What is to be done to a thread. */
export interface ThreadEdit {
  readonly thread: string;
  /** The turn that does it. */
  readonly turn: string;
  readonly messages: readonly MessageData[];
  /** Whether a model is called on what there is then. */
  readonly asksModel: boolean;
  /** What comes first where the thread has nothing yet. */
  readonly initial: readonly MessageData[];
  /** How many of the stored messages stay. Default: all. */
  readonly keep?: number | undefined;
  /** Whether nobody else has written since the caller decided on `keep`. */
  readonly isCurrent?: (() => boolean) | undefined;
}

/**
 * The change that appends messages to what is kept of a thread, after answers to tool requests that nobody has
 * answered. Throws CONFLICT where what `keep` would drop is not what the caller knew, INTERRUPT_PENDING where something
 * else comes than the answer that is waited for, and INVALID_ARGUMENT.
 */
export function threadChange(
  known: KnownSession | undefined,
  { thread, turn, messages, asksModel, initial, keep, isCurrent }: ThreadEdit,
): Pick<ThreadChange, 'base' | 'keep' | 'append'> {
  const base = own(known?.versions.threads, thread) ?? null;
  const first = base === null ? initial : [];
  const stored = own(known?.lengths, thread) ?? 0;
  const length = stored + first.length;
  if (keep !== undefined && isCurrent?.() === false) {
    throw new SessError('CONFLICT', `Somebody else has written to thread ${JSON.stringify(thread)}. Read it again.`, {
      thread,
      parts: { threads: { [thread]: { version: base, length: stored } } },
    });
  }
  if (keep !== undefined && !(Number.isSafeInteger(keep) && keep >= 0 && keep <= length)) {
    throw new SessError('INVALID_ARGUMENT', `keep must be a whole number from 0 to ${length}.`, { thread });
  }
  const offset = own(known?.partial.offsets, thread) ?? 0;
  const kept = (own(known?.threads, thread) ?? []).slice(0, Math.max(0, (keep ?? length) - offset));
  const started = first.slice(0, keep);
  const history = [...kept, ...started];
  const said = [...lostAnswers(history, turn, messages, asksModel), ...messages];
  const handOver = handOverOf(history.at(-1));
  return {
    base,
    keep: Math.min(keep ?? stored, stored),
    append: [...started, ...said.map((message) => withHandOver(message, handOver))],
  };
}

/** What comes before messages, so that no tool request stays open. Answers alone may come one by one. */
function lostAnswers(
  history: readonly MessageData[],
  turn: string,
  messages: readonly MessageData[],
  asksModel: boolean,
): MessageData[] {
  if (!asksModel && messages.every(({ role }) => role === 'tool')) return [];
  const open = openRequests(history, messages);
  if (open.some(isInterrupt)) {
    throw new SessError('INTERRUPT_PENDING', 'A tool waits for its answer from outside: give it with chat.respond().');
  }
  return answersForLost(open).map((answer) => stampMessage(answer, turn));
}
