import { type MessageInput, toParts } from './chat-messages.ts';
import type { MessageData, Part } from './store/index.ts';

/** What a model is told first; undefined: nothing. */
type System = string | Part[] | undefined;

/** What a preamble is made of: given as it is, or by a function of the session as it then is. */
export interface PreambleOptions<Context> {
  system?: System | ((context: Context) => System | Promise<System>);
  messages?:
    | readonly MessageInput[]
    | ((context: Context) => readonly MessageInput[] | Promise<readonly MessageInput[]>)
    | undefined;
}

/** What a model is told before the conversation. */
export async function renderPreamble<Context>(
  { system, messages = [] }: PreambleOptions<Context>,
  context: Context,
): Promise<MessageData[]> {
  const said = typeof system === 'function' ? await system(context) : system;
  const shown = typeof messages === 'function' ? await messages(context) : messages;
  return [...(said === undefined ? [] : [{ role: 'system', content: said } as const]), ...shown].map((message) => ({
    ...message,
    content: toParts(message.content),
  }));
}
