import type { LanguageModelV4FilePart, LanguageModelV4TextPart } from '@ai-sdk/provider';
import type { MediaPart, Part } from '@sess/core';
import { detailsOf } from './details.ts';
import { toFileData } from './file-data.ts';
import { partOptions } from './part-options.ts';

/** A part of a user's message: none where models have no place for it. */
export function toUserParts(part: Part): (LanguageModelV4TextPart | LanguageModelV4FilePart)[] {
  if (part.text !== undefined) return toTextParts(part.text, part);
  if (part.media !== undefined) return [toFilePart(part)];
  if (part.resource !== undefined) return toTextParts(part.resource.uri, part);
  if (part.data !== undefined) return toTextParts(JSON.stringify(part.data), part);
  return [];
}

/** A text; none where it is empty, which providers refuse, unless it carries something of the provider. */
export function toTextParts(text: string, part: Part): LanguageModelV4TextPart[] {
  const options = partOptions(part);
  return text === '' && options.providerOptions === undefined ? [] : [{ type: 'text', text, ...options }];
}

export function toFilePart(part: MediaPart): LanguageModelV4FilePart {
  const { filename, reference } = detailsOf(part);
  const { data, mediaType } = toFileData(part.media);
  return {
    type: 'file',
    data: reference ? { type: 'reference', reference } : data,
    mediaType,
    ...(filename !== undefined && { filename }),
    ...partOptions(part),
  } as LanguageModelV4FilePart;
}
