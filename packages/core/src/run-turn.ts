import { callModel, modelFailed, type Speech } from './call-model.ts';
import { stampOf, visibleMessages } from './chat-messages.ts';
import { ChatResponse } from './chat-response.ts';
import { claimThread } from './claim-thread.ts';
import { endTurn } from './end-turn.ts';
import { giveUpTurn } from './foreign-turns.ts';
import type { KnownSession } from './known-session.ts';
import type { FinishReason, ModelResponse, Usage } from './model.ts';
import { runTools } from './run-tools.ts';
import { type MessageData, own, SessError } from './store/index.ts';
import { storeRound } from './store-round.ts';
import { parseOutput } from './structured-output.ts';
import { toolRequestsOf } from './tool-requests.ts';
import { abortedError } from './turn-error.ts';
import { keepLease } from './turn-lease.ts';
import { commitMessages, signed, type TurnPlan } from './turn-plan.ts';
import { unlessAborted } from './unless-aborted.ts';
import { sumUsage } from './usage.ts';

/**
 * Runs one turn: stores the question and opens the turn, calls the model and the tools that it asks for, round by
 * round, and closes the turn with the answer. Each round of tools is stored when it is finished. Where the model fails
 * or the turn is aborted, what was finished stays, and the turn is closed all the same.
 */
export async function runTurn<S>(plan: TurnPlan<S>): Promise<ChatResponse> {
  await openTurn(plan);
  const { replica, need, lost, place } = plan;
  const lease = keepLease(replica, need.thread, plan.openTurn, plan.leaseMs, (error) => lost.abort(error));
  place.check = lease.check;
  const speech: Speech<S> = { parts: [] };
  try {
    return await runRounds(plan, speech);
  } catch (error) {
    if (lost.signal.aborted) throw lost.signal.reason;
    throw await endTurn(plan, error, speech);
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

async function runRounds<S>(plan: TurnPlan<S>, speech: Speech<S>): Promise<ChatResponse> {
  const fatal = new AbortController();
  const signal = AbortSignal.any([plan.aborted, plan.lost.signal, fatal.signal]);
  const usages: Usage[] = [];
  for (let round = 1; ; round += 1) {
    signal.throwIfAborted();
    const { agent, request } = await unlessAborted(plan.ask(round === 1), signal);
    speech.agent = agent;
    const answer = await callModel(plan, agent.model, { ...request, signal }, speech);
    usages.push(answer.usage ?? {});
    const isFinal = agent.tools.size === 0 || toolRequestsOf(answer.message).length === 0;
    if (isFinal) return storeAnswer(plan, speech, answer, sumUsage(usages), signal);
    if (round > agent.maxTurns) throw tooManyRounds(plan, agent.maxTurns);
    const ran = await runTools(plan.session, agent.tools, answer.message, signal, fatal);
    const known = await storeRound(plan, speech, ran, signal);
    if (ran.isInterrupted) return responseOf(plan, known, ran.asked, 'interrupted', sumUsage(usages));
  }
}

async function storeAnswer<S>(
  plan: TurnPlan<S>,
  { agent }: Speech<S>,
  { message, finishReason = 'stop' }: ModelResponse,
  usage: Usage,
  signal: AbortSignal,
): Promise<ChatResponse> {
  const form = agent?.options.output;
  const isData = form !== undefined && toolRequestsOf(message).length === 0;
  const output = isData
    ? await unlessAborted(parseOutput(message, form), signal).catch((cause) => {
        if (signal.aborted) throw cause;
        throw modelFailed(plan, 'The answer of the model is not in the form that was asked for', cause);
      })
    : undefined;
  const known = await commitMessages(plan, [signed(message, agent)], { closes: true });
  return responseOf(plan, known, message, finishReason, usage, output);
}

function responseOf<S>(
  { need }: TurnPlan<S>,
  known: KnownSession<S> | undefined,
  message: MessageData,
  finishReason: FinishReason,
  usage: Usage,
  output?: unknown,
): ChatResponse {
  const messages = visibleMessages(own(known?.threads, need.thread) ?? []);
  const stored = messages.findLast((one) => stampOf(one).id === stampOf(message).id);
  return new ChatResponse(stored ?? message, messages, finishReason, usage, output);
}

function tooManyRounds<S>({ replica, need }: TurnPlan<S>, maxTurns: number): SessError {
  return new SessError(
    'LIMIT_REACHED',
    `The model asked for more than ${maxTurns} rounds of tools in session ${JSON.stringify(replica.id)}; see maxTurns.`,
    { sessionId: replica.id, thread: need.thread },
  );
}
