import type { MessageData, Part } from './store/index.ts';

/** Why a model stopped. `interrupted`: a tool waits for an answer from outside. */
export type FinishReason = 'stop' | 'length' | 'blocked' | 'interrupted' | 'other' | 'unknown';

/** What a call cost, in tokens. */
export interface Usage {
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
  totalTokens?: number | undefined;
}

/** A tool as a model sees it; the schemas are JSON Schema. */
export interface ToolDefinition {
  name: string;
  description: string;
  inputSchema?: Record<string, unknown>;
  outputSchema?: Record<string, unknown>;
}

export interface ModelRequest {
  /** The preamble and the history, oldest first. The model's own copy. */
  messages: MessageData[];
  /** Settings of the model, as it names them: `temperature`, for one. */
  config?: Record<string, unknown>;
  tools?: ToolDefinition[];
  toolChoice?: 'auto' | 'required' | 'none';
  /** The form that the answer should have; `schema` is JSON Schema. */
  output?: { format: 'json' | 'text'; schema?: Record<string, unknown> };
  /** Fires when the turn was aborted or lost: nothing more should be generated, or billed. */
  signal: AbortSignal;
}

/** A piece of an answer that is still being made. */
export interface ModelChunk {
  content: Part[];
}

export interface ModelResponse {
  /** Of role `model`. */
  message: MessageData;
  /** Default: `stop`. */
  finishReason?: FinishReason;
  usage?: Usage;
}

/**
 * Something that answers a conversation. `onChunk` may be called with pieces as they come; the response holds the
 * whole answer all the same.
 *
 * @example
 * ```ts
 * import type { Model } from '@sess/core';
 *
 * const echo: Model = async ({ messages }) => ({
 *   message: { role: 'model', content: messages.at(-1)?.content ?? [] },
 * });
 * ```
 */
export type Model = (request: ModelRequest, onChunk?: (chunk: ModelChunk) => void) => Promise<ModelResponse>;
