import type { LanguageModelV4Message } from '@ai-sdk/provider';

type PromptPart = Exclude<LanguageModelV4Message['content'], string>[number];

/** Makes one of messages of one role that follow each other, which many providers refuse: a failed turn leaves such. */
export function mergeMessages(messages: readonly LanguageModelV4Message[]): LanguageModelV4Message[] {
  const merged: LanguageModelV4Message[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (last?.role === message.role) merged[merged.length - 1] = mergeTwo(last, message);
    else merged.push(message);
  }
  return merged;
}

function mergeTwo(first: LanguageModelV4Message, second: LanguageModelV4Message): LanguageModelV4Message {
  const content =
    typeof first.content === 'string' || typeof second.content === 'string'
      ? `${first.content}\n\n${second.content}`
      : joinContents(first.content, second.content);
  const providerOptions = { ...first.providerOptions, ...second.providerOptions };
  const hasOptions = Object.keys(providerOptions).length > 0;
  return { role: first.role, content, ...(hasOptions && { providerOptions }) } as LanguageModelV4Message;
}

/** Two plain texts that meet become one, since some servers take a message only as a single text. */
function joinContents(first: readonly PromptPart[], second: readonly PromptPart[]): PromptPart[] {
  const [last, next] = [first.at(-1), second[0]];
  if (!isPlainText(last) || !isPlainText(next)) return [...first, ...second];
  return [...first.slice(0, -1), { type: 'text', text: `${last.text}\n\n${next.text}` }, ...second.slice(1)];
}

function isPlainText(part: PromptPart | undefined): part is { type: 'text'; text: string } {
  return part?.type === 'text' && part.providerOptions === undefined;
}
