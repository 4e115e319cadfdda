import type { FinishReason, Usage } from './model.ts';
import type { MessageData, Part, ToolRequestPart } from './store/index.ts';

/** A piece of an answer that is still being made. */
export interface ChatChunk {
  /** The text of `content`. */
  text: string;
  content: Part[];
}

/** The text of a message: its text parts, joined. */
export function textOf(message: Pick<MessageData, 'content'>): string {
  return message.content.map((part) => part.text ?? '').join('');
}

/** What a turn ended with. */
export class ChatResponse {
  /** The model's last message, as it was stored. */
  readonly message: MessageData;
  /** The conversation, with this turn. */
  readonly messages: MessageData[];
  readonly finishReason: FinishReason;
  /** Summed over the turn. */
  readonly usage: Usage;

  constructor(message: MessageData, messages: MessageData[], finishReason: FinishReason, usage: Usage) {
    this.message = message;
    this.messages = messages;
    this.finishReason = finishReason;
    this.usage = usage;
  }

  get text(): string {
    return textOf(this.message);
  }

  /** The text, under Agentick's name. */
  get response(): string {
    return this.text;
  }

  /** What the model asked tools for, and nobody answered. */
  get toolRequests(): ToolRequestPart[] {
    return this.message.content.filter((part): part is ToolRequestPart => part.toolRequest !== undefined);
  }
}
