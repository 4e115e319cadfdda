import { type Agent, type AgentOptions, findAgent } from './agent.ts';
import { handOverOf } from './chat-messages.ts';
import type { SendOptions } from './chat-options.ts';
import type { ModelRequest } from './model.ts';
import { modelRequest } from './model-request.ts';
import type { Registry } from './registry.ts';
import type { Session } from './session.ts';
import type { SessionReplica, ThreadNeed } from './session-replica.ts';
import { own } from './store/index.ts';

/** What a model is called with in a round. */
export interface Question<S> {
  readonly agent: Agent<S>;
  readonly request: Omit<ModelRequest, 'signal'>;
}

/** Where a turn asks, and by which options. */
export interface Asking<S> {
  readonly session: Session<S>;
  readonly replica: SessionReplica<S>;
  readonly registry: Registry;
  readonly need: ThreadNeed;
  readonly chat: AgentOptions<S>;
  readonly send: SendOptions<S>;
}

/** Who answered first in a turn. */
type First<S> = Pick<Agent<S>, 'handOver'>;

/** Who answers after the messages that a turn keeps. Throws what {@link findAgent} throws. */
export async function agentFor<S>(
  { replica, registry, need, chat, send }: Asking<S>,
  first?: First<S>,
): Promise<Agent<S>> {
  const known = await replica.load(need);
  const messages = own(known?.threads, need.thread) ?? [];
  const offset = own(known?.partial.offsets, need.thread) ?? 0;
  const to = handOverOf(need.keep === undefined ? messages.at(-1) : messages[need.keep - offset - 1]);
  const isOfThisTurn = first !== undefined && first.handOver?.prompt !== to?.prompt;
  return findAgent(registry, chat, send, to && { to, isOfThisTurn });
}

/**
 * Who is asked what in a round of a turn; `first` in all rounds but the first. A preamble that is made of the state is
 * made of the state that is stored now.
 */
export async function nextQuestion<S>(asking: Asking<S>, turn: string, first?: First<S>): Promise<Question<S>> {
  const { session, replica, need } = asking;
  const agent = await agentFor(asking, first);
  const { system, preamble, toolChoice } = agent.options;
  const isOfState = typeof system === 'function' || typeof preamble === 'function';
  if (isOfState) await replica.refresh({ last: 0, threads: [need.thread] });
  const known = await replica.load(need);
  const request = await modelRequest(session, own(known?.threads, need.thread) ?? [], turn, agent);
  // A model that must call a tool in each round would never answer.
  if (first !== undefined && toolChoice === 'required') request.toolChoice = 'auto';
  return { agent, request };
}
