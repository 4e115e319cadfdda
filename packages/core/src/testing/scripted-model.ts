import type { Model, ModelRequest, ModelResponse } from '../model.ts';
import type { Part } from '../store/index.ts';
import { streamWords } from './stream-words.ts';

/** What a call is answered with: a text, parts, a whole response, or an error that the call rejects with. */
export type ScriptAnswer = string | Part[] | ModelResponse | Error;

/**
 * One call's place in the script: an answer, a promise of one (the call waits for it), or a function of the request.
 * A function may call `stream` with pieces of text; its answer is then not streamed again.
 */
export type ScriptEntry =
  | ScriptAnswer
  | Promise<ScriptAnswer>
  | ((request: ModelRequest, stream: (text: string) => void) => ScriptAnswer | Promise<ScriptAnswer>);

export interface ScriptedModel extends Model {
  /** What the model was called with, in order. */
  readonly requests: readonly ModelRequest[];
}

/**
 * A model for tests: its first call is answered by the first entry, its second by the second, and so on. Texts are
 * streamed word by word, other parts whole. An abort makes the call reject with the signal's reason, also while an
 * entry is waited for. A call beyond the end of the script rejects with an error that says so.
 *
 * @example
 * ```ts
 * import { memoryStore, sess } from '@sess/core';
 * import { scriptedModel } from '@sess/core/testing';
 *
 * const model = scriptedModel('Hello.', ({ messages }) => `You have sent ${messages.length} messages.`);
 * const chat = sess({ model, store: memoryStore() }).createSession().chat();
 * console.log((await chat.send('Hi')).text); // Hello.
 * console.log((await chat.send('How many?')).text); // You have sent 3 messages.
 * console.log(model.requests.length); // 2
 * ```
 *
 * @example A model that waits in mid-answer for as long as the test wants:
 * ```ts
 * import { memoryStore, sess } from '@sess/core';
 * import { scriptedModel } from '@sess/core/testing';
 *
 * let goOn = () => {};
 * const gate = new Promise<void>((resolve) => {
 *   goOn = resolve;
 * });
 * const model = scriptedModel(async (_request, stream) => {
 *   stream('One moment ');
 *   await gate;
 *   return 'One moment please.';
 * });
 * const chat = sess({ model, store: memoryStore() }).createSession().chat();
 * const turn = chat.send('Hello?');
 * for await (const { text } of turn) {
 *   console.log(text); // One moment
 *   goOn();
 * }
 * console.log((await turn).text); // One moment please.
 * ```
 */
export function scriptedModel(...script: ScriptEntry[]): ScriptedModel {
  // A promise in the script may reject before its call comes, which is no unhandled rejection.
  for (const entry of script) if (entry instanceof Promise) entry.catch(() => {});

  const requests: ModelRequest[] = [];
  const model: Model = async (request, onChunk = () => {}) => {
    requests.push(request);
    const { signal } = request;
    signal.throwIfAborted();
    const entry = script[requests.length - 1];
    if (entry === undefined) {
      throw new Error(`The script of the model has ${script.length} answers; this is call ${requests.length}.`);
    }

    let streamed = false;
    const stream = (text: string) => {
      streamed = true;
      onChunk({ content: [{ text }] });
    };
    const answer = await untilAborted(typeof entry === 'function' ? entry(request, stream) : entry, signal);
    if (answer instanceof Error) throw answer;
    const response = toResponse(answer);
    for (const part of streamed ? [] : response.message.content) {
      if (part.text === undefined) onChunk({ content: [part] });
      else await streamWords(part.text, (text) => onChunk({ content: [{ text }] }), signal);
    }
    return response;
  };
  return Object.assign(model, { requests });
}

function toResponse(answer: Exclude<ScriptAnswer, Error>): ModelResponse {
  if (typeof answer === 'string') return toResponse([{ text: answer }]);
  if (Array.isArray(answer)) return { message: { role: 'model', content: answer }, finishReason: 'stop' };
  return answer;
}

function untilAborted<T>(value: T | Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort);
    Promise.resolve(value)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
