import type { LanguageModelV4Message, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { type MessageData, textOf } from '@sess/core';
import { toAssistantParts } from './assistant-parts.ts';
import { messageDetailsOf } from './details.ts';
import { mergeMessages } from './merge-messages.ts';
import { pairTools } from './pair-tools.ts';
import { toToolParts } from './tool-parts.ts';
import { toUserParts } from './user-parts.ts';

/**
 * Messages as a language model of V4 takes them, made well formed: every tool call is answered right behind it, no
 * answer lacks its call, nothing is empty, and no two messages of one role follow each other.
 */
export function toPrompt(messages: readonly MessageData[]): LanguageModelV4Prompt {
  return mergeMessages(pairTools(messages.map(toPromptMessage).filter(({ content }) => content.length > 0)));
}

function toPromptMessage(message: MessageData): LanguageModelV4Message {
  const { providerOptions } = messageDetailsOf(message);
  return { ...toRole(message), ...(providerOptions && { providerOptions }) } as LanguageModelV4Message;
}

function toRole(message: MessageData): LanguageModelV4Message {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: textOf(message) };
    case 'user':
      return { role: 'user', content: message.content.flatMap(toUserParts) };
    case 'model':
      return { role: 'assistant', content: toAssistantParts(message) };
    case 'tool':
      return { role: 'tool', content: message.content.flatMap(toToolParts) };
  }
}
