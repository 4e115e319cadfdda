import type { Model } from '../model.ts';
import { demoAnswer } from './demo-answer.ts';
import { streamWords } from './stream-words.ts';

export interface DemoModelOptions {
  /** How long (ms) to wait after each word. Default: 0. */
  delayMs?: number;
}

/**
 * A model that needs no key and no network, for a first run and for demonstrations. It answers from the messages it is
 * given and remembers nothing by itself, so what it knows shows what was stored: told "my name is Pavel", it can
 * answer "what is my name?". Asked "what can you do?", it says what else.
 *
 * @example
 * ```ts
 * import { memoryStore, sess } from '@sess/core';
 * import { demoModel } from '@sess/core/testing';
 *
 * const chat = sess({ model: demoModel(), store: memoryStore() }).createSession().chat();
 * await chat.send('My name is Pavel');
 * console.log((await chat.send('What is my name?')).text); // Your name is Pavel.
 * ```
 */
export function demoModel({ delayMs = 0 }: DemoModelOptions = {}): Model {
  return async ({ messages, signal }, onChunk) => {
    const text = demoAnswer(messages);
    await streamWords(text, (word) => onChunk?.({ content: [{ text: word }] }), signal, delayMs);
    return { message: { role: 'model', content: [{ text }] }, finishReason: 'stop' };
  };
}
