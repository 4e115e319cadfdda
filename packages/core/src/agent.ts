import type { HandOver } from './chat-messages.ts';
import { mergeOptions, type SendOptions, type TurnOptions } from './chat-options.ts';
import type { Model } from './model.ts';
import type { Prompt, PromptOptions } from './prompt.ts';
import type { Registry } from './registry.ts';
import { defined } from './store/index.ts';
import type { Tool } from './tool.ts';

/** How many rounds of tool calls a turn may take. */
const DEFAULT_MAX_TURNS = 5;

/** Options of a turn, with what a prompt adds to them. */
export interface AgentOptions<S> extends TurnOptions<S> {
  /** The prompt that they come from. */
  prompt?: Prompt | undefined;
  /** The prompt's messages, which go before the conversation. */
  preamble?: PromptOptions['messages'];
  /** What the prompt is rendered with. */
  input?: unknown;
}

/** Who answers: a model with its preamble and its tools. */
export interface Agent<S> {
  /** Which prompt it is, where the conversation was handed over. */
  readonly handOver: HandOver | undefined;
  readonly model: Model;
  readonly tools: ReadonlyMap<string, Tool | Prompt>;
  readonly maxTurns: number;
  readonly options: AgentOptions<S>;
}

/** What a prompt brings to a chat. */
export function optionsOfPrompt<S>(prompt: Prompt): AgentOptions<S> {
  const { model, config, system, messages, tools, toolChoice, maxTurns, output } = prompt.options;
  return { prompt, model, config, system, preamble: messages, tools, toolChoice, maxTurns, output } as AgentOptions<S>;
}

/**
 * Who answers by the options of a chat and of one send, after a hand-over or without one. A prompt that the
 * conversation was handed over to brings its own preamble and tools, and nothing of the chat's.
 *
 * Throws INVALID_ARGUMENT for a model, tool or prompt that is not known, and an input that does not fit.
 */
export async function findAgent<S>(
  registry: Registry,
  chat: AgentOptions<S>,
  send: SendOptions<S>,
  handOver: HandOver | undefined,
): Promise<Agent<S>> {
  const options = handOver
    ? handedOver(chat, registry.prompt(handOver.prompt), handOver.input, send)
    : mergeOptions<AgentOptions<S>>(chat, send);
  return {
    handOver,
    model: registry.model(options.model),
    tools: registry.tools(options.tools),
    maxTurns: options.maxTurns ?? DEFAULT_MAX_TURNS,
    options: { ...options, input: await options.prompt?.checkInput(options.input) },
  };
}

function handedOver<S>(chat: AgentOptions<S>, prompt: Prompt, input: unknown, send: SendOptions<S>): AgentOptions<S> {
  const own = { system: undefined, preamble: undefined, input, tools: undefined, toolChoice: undefined };
  return mergeOptions<AgentOptions<S>>(defined<AgentOptions<S>>({ ...chat, ...own }), optionsOfPrompt<S>(prompt), send);
}
