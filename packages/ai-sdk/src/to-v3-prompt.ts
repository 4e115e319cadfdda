import { Buffer } from 'node:buffer';
import type {
  LanguageModelV3Message,
  LanguageModelV3Prompt,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4Prompt,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';

type V4Part = Exclude<LanguageModelV4Message['content'], string>[number];
type V4ResultContent = Extract<LanguageModelV4ToolResultOutput, { type: 'content' }>['value'][number];

/** The prompt as a language model of V3 takes it: files stand there in another form, and a few parts are unknown. */
export function toV3Prompt(prompt: LanguageModelV4Prompt): LanguageModelV3Prompt {
  return prompt
    .map((message) => {
      if (typeof message.content === 'string') return message as LanguageModelV3Message;
      const parts: readonly V4Part[] = message.content;
      return { ...message, content: parts.flatMap(toV3Part) } as LanguageModelV3Message;
    })
    .filter(({ content }) => content.length > 0);
}

function toV3Part(part: V4Part): object[] {
  if (part.type === 'custom' || part.type === 'reasoning-file') return [];
  if (part.type === 'file') return [{ ...part, data: toV3Data(part.data) }];
  if (part.type === 'tool-result' && part.output.type === 'content') {
    return [{ ...part, output: { ...part.output, value: part.output.value.map(toV3ResultContent) } }];
  }
  return [part];
}

function toV3Data(data: LanguageModelV4FilePart['data']): string | Uint8Array | URL {
  if (data.type === 'data') return data.data;
  if (data.type === 'url') return data.url;
  if (data.type === 'text') return Buffer.from(data.text).toString('base64');
  throw new TypeError('Only language models of the AI SDK 7 take a reference to a file that the provider keeps.');
}

function toV3ResultContent(part: V4ResultContent): object {
  if (part.type !== 'file') return part;
  const { data, mediaType, filename, providerOptions } = part;
  const kind = mediaType.startsWith('image/') ? 'image' : 'file';
  const common = { ...(providerOptions && { providerOptions }) };
  const content = toV3Data(data);
  if (content instanceof URL) return { type: `${kind}-url`, url: content.href, ...common };
  const name = kind === 'file' && filename !== undefined ? { filename } : {};
  return { type: `${kind}-data`, data: content, mediaType, ...name, ...common };
}
