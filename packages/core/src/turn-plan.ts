import type { Agent } from './agent.ts';
import { withHandOver } from './chat-messages.ts';
import type { ChatChunk } from './chat-response.ts';
import type { Patience } from './claim-thread.ts';
import type { KnownSession } from './known-session.ts';
import type { Question } from './question.ts';
import type { Session } from './session.ts';
import type { ChangeParts, SessionReplica, ThreadNeed } from './session-replica.ts';
import { type MessageData, own, type ThreadChange } from './store/index.ts';
import type { LocalTurn } from './thread-line.ts';
import { isLost } from './turn-lease.ts';

/** What one turn does, and on what. */
export interface TurnPlan<S> {
  readonly session: Session<S>;
  readonly replica: SessionReplica<S>;
  readonly need: ThreadNeed;
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
  /** Who is asked what in a round, once the turn is open. */
  ask(isFirst: boolean): Promise<Question<S>>;
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

/** Commits messages of a turn. Throws where the turn is not open any more, and tells `plan.lost`. */
export async function commitMessages<S>(
  plan: TurnPlan<S>,
  messages: readonly MessageData[],
  { closes }: { closes: boolean },
): Promise<KnownSession<S> | undefined> {
  const { replica, need, lost } = plan;
  try {
    return await replica.commit((known) => appending(plan, known, messages, closes), need);
  } catch (error) {
    if (isLost(error)) lost.abort(error);
    throw error;
  }
}

/** The change that appends messages of a turn, and closes it or leaves it open. */
export function appending<S>(
  { need: { thread }, openTurn, outerHolds }: TurnPlan<S>,
  known: KnownSession<S> | undefined,
  messages: readonly MessageData[],
  closes: boolean,
): ChangeParts<S> {
  const base = own(known?.versions.threads, thread) ?? null;
  const keep = own(known?.lengths, thread) ?? 0;
  const change = { base, keep, append: [...messages], ...(closes && { turn: null }) };
  return { threads: { [thread]: change }, holds: { ...outerHolds(), [thread]: openTurn } };
}

/** A message of an agent, which tells later turns who goes on. */
export function signed<S>(message: MessageData, agent: Agent<S> | undefined): MessageData {
  return withHandOver(message, agent?.handOver);
}
