import type { Speech } from './call-model.ts';
import { stampMessage, stampOf } from './chat-messages.ts';
import { giveUpTurn } from './foreign-turns.ts';
import type { KnownSession } from './known-session.ts';
import { type MessageData, own, type Part, SessError } from './store/index.ts';
import { abortedError } from './turn-error.ts';
import { appending, signed, type TurnPlan } from './turn-plan.ts';

/** Closes a turn that has failed or was aborted, keeping what it had said, and returns what to tell of it. */
export async function endTurn<S>(plan: TurnPlan<S>, error: unknown, speech: Speech<S>): Promise<unknown> {
  const { replica, need, openTurn, aborted } = plan;
  const partial = isRefusal(error) ? undefined : partialAnswer(plan, speech);
  let cause: unknown = aborted.aborted ? aborted.reason : error;
  try {
    await closeTurn(plan, partial ? [partial] : [], speech);
  } catch (closingError) {
    giveUpTurn(openTurn);
    cause = new AggregateError([cause, closingError], 'The turn has ended, and could not be closed in the store.');
  }
  if (aborted.aborted) return abortedError(cause, replica.id, need.thread, partial);
  if (!SessError.is(error) || cause === error) return error;
  return new SessError(error.code, error.message, { ...error, cause });
}

/** What a turn had said, as a message; undefined where it had said nothing, or nothing that can be stored. */
function partialAnswer<S>({ turn, aborted }: TurnPlan<S>, { parts, agent }: Speech<S>): MessageData | undefined {
  try {
    const content = joinTexts(parts.filter((part) => part.toolRequest === undefined));
    if (content.length === 0) return undefined;
    const message = stampMessage({ role: 'model', content }, turn, aborted.aborted ? 'aborted' : 'failed');
    return signed(message, agent);
  } catch {
    return undefined;
  }
}

/** Closes the turn where it is still open; without the messages where the store refuses them. */
async function closeTurn<S>(plan: TurnPlan<S>, messages: readonly MessageData[], speech: Speech<S>): Promise<void> {
  const { replica, need, openTurn } = plan;
  try {
    await replica.commit((known) => {
      const isOpen = own(known?.openTurns, need.thread)?.id === openTurn;
      return isOpen ? appending(plan, known, isStored(known, need.thread, speech) ? [] : messages, true) : undefined;
    }, need);
  } catch (error) {
    if (messages.length === 0 || !isRefusal(error)) throw error;
    await closeTurn(plan, [], speech);
  }
}

/** Whether what was said is stored after all: a commit that has failed may have landed. */
function isStored<S>(known: KnownSession<S> | undefined, thread: string, { message }: Speech<S>): boolean {
  const { id } = stampOf(message);
  return id !== undefined && (own(known?.threads, thread) ?? []).some((stored) => stampOf(stored).id === id);
}

/** Whether the store refuses to keep something: it would refuse the same again. */
function isRefusal(error: unknown): boolean {
  return (['TOO_LARGE', 'NOT_SERIALIZABLE', 'INVALID_ARGUMENT'] as const).some((code) => SessError.is(error, code));
}

/** The parts, with each run of plain texts as one. */
function joinTexts(parts: readonly Part[]): Part[] {
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
