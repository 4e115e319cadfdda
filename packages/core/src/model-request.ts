import { toParts, visibleMessages } from './chat-messages.ts';
import type { TurnOptions } from './chat-options.ts';
import type { ModelRequest } from './model.ts';
import type { Session } from './session.ts';
import { defined, type MessageData } from './store/index.ts';

/** What the model is asked on a thread's messages: the preamble, rendered now, and the view of the conversation. */
export async function modelRequest<S>(
  session: Session<S>,
  stored: readonly MessageData[],
  { system, history, window, config }: TurnOptions<S>,
): Promise<Omit<ModelRequest, 'signal'>> {
  const all = visibleMessages(stored);
  const conversation = window === undefined ? all : newestRounds(all, window);
  const viewed = history ? await history(structuredClone(conversation)) : conversation;
  const said = typeof system === 'function' ? await system({ state: session.state, session }) : system;
  const preamble: MessageData[] = said === undefined ? [] : [{ role: 'system', content: toParts(said) }];
  return defined<Omit<ModelRequest, 'signal'>>({ messages: structuredClone([...preamble, ...viewed]), config });
}

/** The newest messages. No provider takes answers to tool requests that it is not shown, so none comes first. */
function newestRounds(messages: MessageData[], count: number): MessageData[] {
  const newest = messages.slice(-count);
  const start = newest.findIndex(({ role }) => role !== 'tool');
  return start < 0 ? [] : newest.slice(start);
}
