import type { MessageData, Part } from '@sess/core';
import type { ProviderOptions } from './options.ts';

/**
 * What the AI SDK knows of a part and the message format has no field for: `part.metadata['ai-sdk']`. A part that is
 * nothing else (a source, a call of a tool that the provider ran) has a `type` here, and its fields.
 */
export interface AiSdkPartDetails {
  /** The type in the AI SDK, where the part's own field does not tell it. */
  type?:
    | 'custom'
    | 'reasoning-file'
    | 'source'
    | 'tool-call'
    | 'tool-result'
    | 'tool-approval-request'
    | 'tool-approval-response';
  /** What the provider said of the part. It is given back to the provider. */
  providerMetadata?: ProviderOptions;
  /** What the provider should be told of the part. */
  providerOptions?: ProviderOptions;
  /** The name of the file that a media part is. */
  filename?: string;
  /** Where providers keep the file of a media part: an id, by the provider's name. Only for the AI SDK 7. */
  reference?: Record<string, string>;
  [field: string]: unknown;
}

/** What the AI SDK knows of a message: `message.metadata['ai-sdk']`. */
export interface AiSdkMessageDetails {
  provider?: string;
  modelId?: string;
  /** What the provider said of the call: its id of the answer, for one. */
  response?: { id?: string; modelId?: string; timestamp?: string };
  /** The provider's own word for why it stopped. */
  rawFinishReason?: string;
  /** The tokens in detail: cached ones, and those of reasoning. */
  usage?: Record<string, unknown>;
  /** What the model could not do as it was told. */
  warnings?: Record<string, unknown>[];
  providerMetadata?: ProviderOptions;
  /** What the provider should be told of the message. */
  providerOptions?: ProviderOptions;
}

const key = 'ai-sdk';

export function detailsOf(part: Part): AiSdkPartDetails {
  return (part.metadata?.[key] ?? {}) as AiSdkPartDetails;
}

export function messageDetailsOf({ metadata }: MessageData): AiSdkMessageDetails {
  return (metadata?.[key] ?? {}) as AiSdkMessageDetails;
}

/** The metadata with these details; absent where there are none. Details are stored, so they become JSON. */
export function metadataOf(details: object): { metadata?: Record<string, unknown> } {
  const stored = JSON.parse(JSON.stringify(details)) as object;
  return Object.keys(stored).length === 0 ? {} : { metadata: { [key]: stored } };
}
