import type { MessageInput } from './chat-messages.ts';
import type { Model } from './model.ts';
import type { Prompt } from './prompt.ts';
import type { Session } from './session.ts';
import { type MessageData, type Part, SessError } from './store/index.ts';
import type { OutputOptions } from './structured-output.ts';
import type { Tool } from './tool.ts';

/** Makes the preamble of a turn from the session as it then is. */
export type SystemFunction<S> = (context: {
  state: S;
  session: Session<S>;
}) => string | Part[] | Promise<string | Part[]>;

/** How turns run. Given to `sess()`, to a chat, or to one `send`; the nearest one counts. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface TurnOptions<S = any, Output = unknown> {
  /** The model, or its name, which `models` of `sess()` resolves. */
  model?: Model | string | undefined;
  /** The model's settings, as it names them. */
  config?: Record<string, unknown> | undefined;
  /** What the model is told before the conversation. Rendered at each turn, and never stored. */
  system?: string | Part[] | SystemFunction<S> | undefined;
  /**
   * What the model may call: tools, names of such that are defined, and prompts to hand the conversation over to.
   * Without any, what a model asks tools for is left to the application.
   */
  tools?: readonly (Tool | Prompt | string)[] | undefined;
  /** Whether the model must call a tool (`required` counts for its first answer), or must not. Default: it may. */
  toolChoice?: 'auto' | 'required' | 'none' | undefined;
  /** How many rounds of tool calls a turn may take before LIMIT_REACHED. Default: 5. */
  maxTurns?: number | undefined;
  /** The form that the answer must have; the response's `output` has it then. */
  output?: OutputOptions<Output> | undefined;
  /** Only the newest n messages are read and sent, and all of the turn that runs. Default: all. */
  window?: number | undefined;
  /** What of the conversation is sent. What is stored stays as it is. */
  history?: ((messages: MessageData[]) => MessageData[] | Promise<MessageData[]>) | undefined;
  /**
   * What to do when another turn runs on the thread: line up, or be BUSY, where that turn is another process's at its next
   * sign of life. Default: `wait`.
   */
  whenBusy?: 'wait' | 'reject' | undefined;
  /** How long (ms) to line up before BUSY; more than `leaseMs`, less than 2^31. Default: 60,000. */
  waitTimeout?: number | undefined;
  /** For how long (ms) a turn may show no sign of life before others take it over. Default: 10,000. */
  leaseMs?: number | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface ChatOptions<S = any> extends TurnOptions<S> {
  /** What was said before: stored once, where the thread has nothing yet. */
  messages?: readonly MessageInput[] | undefined;
}

/** Options of a chat that a prompt begins. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface PromptChatOptions<Given = unknown, S = any> extends ChatOptions<S> {
  /** What the prompt is rendered with. */
  input?: Given | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface SendOptions<S = any, Output = unknown> extends TurnOptions<S, Output> {
  /** Aborts the turn. */
  signal?: AbortSignal | undefined;
}

/** What to say, where it is more than a text. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface SendInput<S = any, Output = unknown> extends SendOptions<S, Output> {
  /** What the user says. */
  prompt?: string | Part[] | undefined;
  /** Messages to go before `prompt`. An empty array alone runs the model on what is there. */
  messages?: readonly MessageInput[] | undefined;
  /** Goes on from message n: those from it on are replaced. */
  keep?: number | undefined;
}

/** Options as they count, with the defaults of how a turn takes its place. */
export type TurnSettings<S> = TurnOptions<S> & { whenBusy: 'wait' | 'reject'; waitTimeout: number; leaseMs: number };

/** A timer that is to wait as long as this, or longer, fires at once. */
const MAX_TIMER_MS = 2 ** 31;

/** The options with their defaults. Throws INVALID_ARGUMENT. */
export function checkTurnOptions<S>(options: TurnOptions<S>): TurnSettings<S> {
  const { whenBusy = 'wait', waitTimeout = 60_000, leaseMs = 10_000, window, maxTurns } = options;
  const problem =
    whenBusy !== 'wait' && whenBusy !== 'reject'
      ? 'whenBusy must be wait or reject'
      : !(leaseMs > 0 && Number.isSafeInteger(leaseMs))
        ? 'leaseMs must be a whole number above 0'
        : !(waitTimeout > leaseMs && Number.isFinite(waitTimeout) && waitTimeout < MAX_TIMER_MS)
          ? 'waitTimeout must be a number above leaseMs, and below 2^31'
          : window !== undefined && !(window > 0 && Number.isSafeInteger(window))
            ? 'window must be a whole number above 0'
            : maxTurns !== undefined && !(maxTurns > 0 && Number.isSafeInteger(maxTurns))
              ? 'maxTurns must be a whole number above 0'
              : undefined;
  if (problem !== undefined) throw new SessError('INVALID_ARGUMENT', `${problem}.`);
  return { ...options, whenBusy, waitTimeout, leaseMs };
}

/** The options of all levels as one, the later ones counting more; what is undefined does not count. */
export function mergeOptions<T extends object>(...levels: T[]): T {
  return Object.assign(
    {},
    ...levels.map((level) => Object.fromEntries(Object.entries(level).filter(([, value]) => value !== undefined))),
  );
}
