import { Buffer } from 'node:buffer';
import type { LanguageModelV4File } from '@ai-sdk/provider';
import type { MediaReference } from '@sess/core';

type FileData = LanguageModelV4File['data'];

/** Where nothing tells what a file is, it is taken for an image, as the AI SDK does. */
const unknownType = 'image/*';

/** A medium as language models take it: a `data:` URL as its content in base64, any other URL as it is. */
export function toFileData({ url, contentType }: MediaReference): { data: FileData; mediaType: string } {
  const [, type = '', encoded = '', body = ''] = /^data:([^;,]*)([^,]*),(.*)$/s.exec(url) ?? [];
  if (url.startsWith('data:')) {
    const isBase64 = encoded.toLowerCase().endsWith(';base64');
    const data = isBase64 ? body : Buffer.from(decodeURIComponent(body)).toString('base64');
    return { data: { type: 'data', data }, mediaType: contentType ?? (type || 'text/plain') };
  }
  if (!URL.canParse(url)) throw new TypeError('A media part has no valid URL.');
  return { data: { type: 'url', url: new URL(url) }, mediaType: contentType ?? unknownType };
}

/** A file that a model has made, as a medium. In V3 the content stands without a type around it. */
export function toMedia(data: FileData | string | Uint8Array, mediaType: string): MediaReference {
  if (typeof data === 'string' || data instanceof Uint8Array) return toMedia({ type: 'data', data }, mediaType);
  if (data.type === 'url') return { url: String(data.url), contentType: mediaType };
  const base64 = typeof data.data === 'string' ? data.data : Buffer.from(data.data).toString('base64');
  return { url: `data:${mediaType};base64,${base64}`, contentType: mediaType };
}
