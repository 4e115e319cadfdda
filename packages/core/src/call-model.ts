import type { Agent } from './agent.ts';
import { stampMessage } from './chat-messages.ts';
import { textOf } from './chat-response.ts';
import type { Model, ModelRequest, ModelResponse } from './model.ts';
import { type MessageData, type Part, SessError } from './store/index.ts';
import type { TurnPlan } from './turn-plan.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What is said in a round, until it is stored. */
export interface Speech<S> {
  /** Who says it. */
  agent?: Agent<S>;
  parts: Part[];
  /** What was made of it. */
  message?: MessageData;
}

/** Has the model answer, and shows what it says as it comes. Throws MODEL_FAILED, or the signal's reason. */
export async function callModel<S>(
  plan: TurnPlan<S>,
  model: Model,
  request: ModelRequest,
  speech: Speech<S>,
): Promise<ModelResponse> {
  const { signal } = request;
  let isOver = false;
  const onChunk = ({ content }: { content: Part[] }) => {
    if (signal.aborted || isOver) return;
    const text = textOf({ content }); // throws where these are no parts
    speech.parts.push(...content);
    plan.emit({ text, content });
  };
  try {
    const response = await unlessAborted((async () => model(request, onChunk))(), signal);
    const message = stampMessage(response.message, plan.turn);
    if (message.role !== 'model') throw new TypeError(`The answer has the role ${message.role}, not model.`);
    if (speech.parts.length === 0) onChunk(structuredClone(message)); // the readers' own copy
    speech.message = message;
    return { ...response, message };
  } catch (cause) {
    throw signal.aborted ? cause : modelFailed(plan, 'The model failed', cause);
  } finally {
    isOver = true;
  }
}

/** A failure of the model as MODEL_FAILED, which it may be already. */
export function modelFailed<S>({ replica, need }: TurnPlan<S>, problem: string, cause: unknown): SessError {
  if (SessError.is(cause, 'MODEL_FAILED')) return cause;
  const { isRetryable, retryable = isRetryable } = Object(cause) as { isRetryable?: unknown; retryable?: unknown };
  return new SessError('MODEL_FAILED', `${problem} in session ${JSON.stringify(replica.id)}.`, {
    sessionId: replica.id,
    thread: need.thread,
    retryable: retryable === true,
    cause,
  });
}
