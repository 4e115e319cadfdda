import type { Speech } from './call-model.ts';
import { stampMessage, withHandOver } from './chat-messages.ts';
import type { KnownSession } from './known-session.ts';
import type { ToolRound } from './run-tools.ts';
import { SessError, type ToolResponsePart } from './store/index.ts';
import { errorResponse } from './tool-requests.ts';
import { commitMessages, signed, type TurnPlan } from './turn-plan.ts';

/**
 * Stores a round of tools, whole: what the model asked, and the answers. It closes the turn where it is the last one.
 * An answer that is too large for the store is replaced by an error, which the model can do something about.
 */
export async function storeRound<S>(
  plan: TurnPlan<S>,
  speech: Speech<S>,
  round: ToolRound,
  signal: AbortSignal,
): Promise<KnownSession<S> | undefined> {
  const { asked, responses, isInterrupted, handOver = speech.agent?.handOver } = round;
  const end = signal.aborted ? (plan.aborted.aborted ? 'aborted' : 'failed') : undefined;
  const messages = [signed(asked, speech.agent)];
  if (responses.length > 0) {
    messages.push(withHandOver(stampMessage({ role: 'tool', content: responses }, plan.turn, end), handOver));
  }
  try {
    const known = await commitMessages(plan, messages, { closes: isInterrupted || signal.aborted });
    Object.assign(speech, { parts: [], message: undefined });
    if (responses.length > 0) plan.emit({ text: '', content: structuredClone(responses) });
    return known;
  } catch (error) {
    const smaller = withoutLargest(responses);
    if (smaller === undefined || !SessError.is(error, 'TOO_LARGE')) throw error;
    return storeRound(plan, speech, { ...round, responses: smaller }, signal);
  }
}

/** The responses with an error instead of the largest one; undefined where they are errors already. */
function withoutLargest(responses: readonly ToolResponsePart[]): ToolResponsePart[] | undefined {
  const sizes = responses.map(({ toolResponse }) => JSON.stringify(toolResponse.output).length);
  const largest = sizes.indexOf(Math.max(...sizes));
  const smaller = responses.map((response, index) =>
    index === largest
      ? errorResponse(response.toolResponse, 'The output of the tool is too large to be stored.')
      : response,
  );
  return JSON.stringify(smaller).length < JSON.stringify(responses).length ? smaller : undefined;
}
