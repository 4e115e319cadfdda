import type { HandOver } from './chat-messages.ts';
import { mergeOptions, type SendOptions, type TurnOptions } from './chat-options.ts';
import type { Model } from './model.ts';
import type { Prompt, PromptOptions } from './prompt.ts';
import type { Registry } from './registry.ts';
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

/** A hand-over, and when it was made: where it was before the turn, the options of one send count more. */
export interface Transfer {
  readonly to: HandOver;
  readonly isOfThisTurn: boolean;
}

/**
 * Who answers by the options of a chat and of one send, after a hand-over or without one. A prompt that the
 * conversation was handed over to brings its own preamble and tools.
 *
 * Throws INVALID_ARGUMENT for a model, tool or prompt that is not known, and an input that does not fit.
 */
export async function findAgent<S>(
  registry: Registry,
  chat: AgentOptions<S>,
  send: SendOptions<S>,
  transfer: Transfer | undefined,
): Promise<Agent<S>> {
  const options = transfer
    ? optionsAfter(transfer, registry.prompt(transfer.to.prompt), chat, send)
    : mergeOptions<AgentOptions<S>>(chat, send);
  return {
    handOver: transfer?.to,
    model: registry.model(options.model),
    tools: registry.tools(options.tools),
    maxTurns: options.maxTurns ?? DEFAULT_MAX_TURNS,
    options: { ...options, input: await options.prompt?.checkInput(options.input) },
  };
}

function optionsAfter<S>(
  { to: { input }, isOfThisTurn }: Transfer,
  prompt: Prompt,
  chat: AgentOptions<S>,
  send: SendOptions<S>,
): AgentOptions<S> {
  const before = isOfThisTurn ? mergeOptions<AgentOptions<S>>(chat, send) : chat;
  const replaced = { system: undefined, preamble: undefined, tools: undefined, toolChoice: undefined, input };
  const levels = [{ ...before, ...replaced }, optionsOfPrompt<S>(prompt), isOfThisTurn ? {} : send];
  return mergeOptions<AgentOptions<S>>(...levels);
}
