import type { FinishReason, Usage } from './model.ts';
import type { MessageData, Part, ToolRequestPart } from './store/index.ts';
import { openRequests, pendingInterrupts } from './tool-requests.ts';

/** A piece of an answer that is still being made, or the answers of tools, once they are stored. */
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
export class ChatResponse<Output = unknown> {
  /** The model's last message, as it was stored. */
  readonly message: MessageData;
  /** The conversation, with this turn. */
  readonly messages: MessageData[];
  readonly finishReason: FinishReason;
  /** Summed over the turn. */
  readonly usage: Usage;
  /** The answer as data, where `output` asked for a form; else undefined. */
  readonly output: Output;

  constructor(message: MessageData, messages: MessageData[], finishReason: FinishReason, usage: Usage, output: Output) {
    this.message = message;
    this.messages = messages;
    this.finishReason = finishReason;
    this.usage = usage;
    this.output = output;
  }

  get text(): string {
    return textOf(this.message);
  }

  /** The text, under Agentick's name. */
  get response(): string {
    return this.text;
  }

  /** What the model asked tools for, and nobody has answered. */
  get toolRequests(): ToolRequestPart[] {
    return openRequests(this.messages);
  }

  /** The requests that wait for answers from outside: see `chat.respond`. */
  get interrupts(): ToolRequestPart[] {
    return pendingInterrupts(this.messages);
  }
}
