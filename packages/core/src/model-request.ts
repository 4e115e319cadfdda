import type { Agent } from './agent.ts';
import { turnOf, visibleMessages } from './chat-messages.ts';
import type { ModelRequest } from './model.ts';
import { renderPreamble } from './preamble.ts';
import type { PromptContext } from './prompt.ts';
import type { Session } from './session.ts';
import { defined, type MessageData } from './store/index.ts';
import { outputRequest } from './structured-output.ts';

/** What an agent is asked in a turn: its preamble, rendered now, and the view of the conversation. */
export async function modelRequest<S>(
  session: Session<S>,
  stored: readonly MessageData[],
  turn: string,
  { options, tools }: Agent<S>,
): Promise<Omit<ModelRequest, 'signal'>> {
  const { system, preamble, input, history, window, config, toolChoice, output } = options;
  const all = visibleMessages(stored);
  const conversation = window === undefined ? all : newestRounds(all, window, turn);
  const viewed = history ? await history(structuredClone(conversation)) : conversation;
  const context: PromptContext & { session: Session<S> } = { state: session.state, input, session };
  const told = await renderPreamble({ system, messages: preamble }, context);
  return defined<Omit<ModelRequest, 'signal'>>({
    messages: structuredClone([...told, ...viewed]),
    config,
    tools: tools.size > 0 ? Array.from(tools.values(), ({ definition }) => structuredClone(definition)) : undefined,
    toolChoice: tools.size > 0 ? toolChoice : undefined,
    output: output && outputRequest(output),
  });
}

/**
 * The newest messages, with all of the turn. No provider takes answers to tool requests that it is not shown, so none
 * comes first.
 */
function newestRounds(messages: MessageData[], count: number, turn: string): MessageData[] {
  const own = messages.findIndex((message) => turnOf(message) === turn);
  const newest = messages.slice(Math.max(0, Math.min(messages.length - count, own < 0 ? messages.length : own)));
  const start = newest.findIndex(({ role }) => role !== 'tool');
  return start < 0 ? [] : newest.slice(start);
}
