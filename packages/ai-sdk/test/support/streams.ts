import type { LanguageModelV4GenerateResult, LanguageModelV4StreamPart } from '@ai-sdk/provider';
import type { ModelRequest, Part } from '@sess/core';
import { convertArrayToReadableStream, MockLanguageModelV4 } from 'ai/test';

export const usage: LanguageModelV4GenerateResult['usage'] = {
  inputTokens: { total: 11, noCache: 7, cacheRead: 4, cacheWrite: 0 },
  outputTokens: { total: 5, text: 3, reasoning: 2 },
};

export const finish: LanguageModelV4StreamPart = {
  type: 'finish',
  finishReason: { unified: 'stop', raw: 'end_turn' },
  usage,
};

/** A model of the SDK's own that streams these pieces at each call. */
export function streaming(...pieces: LanguageModelV4StreamPart[]): MockLanguageModelV4 {
  return new MockLanguageModelV4({ doStream: async () => ({ stream: convertArrayToReadableStream(pieces) }) });
}

/** One streamed text as the pieces that it is made of. */
export function textPieces(...deltas: string[]): LanguageModelV4StreamPart[] {
  return [
    { type: 'text-start', id: '1' },
    ...deltas.map((delta) => ({ type: 'text-delta', id: '1', delta }) as const),
    { type: 'text-end', id: '1' },
  ];
}

export function requestOf(overrides: Partial<ModelRequest> = {}): ModelRequest {
  const messages = [{ role: 'user' as const, content: [{ text: 'hi' }] }];
  return { messages, signal: new AbortController().signal, ...overrides };
}

/** What a failed promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('It should have failed.');
    },
    (error: unknown) => error,
  );
}

/** Gathers what a model shows. */
export function listener(): { shown: Part[]; onChunk: (chunk: { content: Part[] }) => void } {
  const shown: Part[] = [];
  return { shown, onChunk: ({ content }) => void shown.push(...content) };
}
