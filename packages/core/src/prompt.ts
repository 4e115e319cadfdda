import type { TurnOptions } from './chat-options.ts';
import type { ToolDefinition } from './model.ts';
import { type PreambleOptions, renderPreamble } from './preamble.ts';
import { checkValue, jsonSchemaOf, type Schema } from './schema.ts';
import type { Session } from './session.ts';
import { checkId, defined, type MessageData, SessError } from './store/index.ts';
import { turnContext } from './turn-context.ts';

/** What the functions of a prompt are given. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface PromptContext<Input = any, S = any> {
  /** The state of the session as it then is; undefined outside of a session, and where it has none. */
  state: S;
  input: Input;
  /** Undefined where a prompt is rendered outside of any. */
  session: Session<S> | undefined;
}

/** Who a model is in a conversation: what it is told before, which one it is, and what it may call. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface PromptOptions<Given = unknown, Input = Given, S = any>
  extends Pick<TurnOptions<S>, 'model' | 'config' | 'tools' | 'toolChoice' | 'maxTurns' | 'output'>,
    PreambleOptions<PromptContext<Input, S>> {
  name: string;
  /** What the prompt is good for: all that a model knows which may hand the conversation over to it. */
  description?: string | undefined;
  /** Of what `system` and `messages` get as `input`. Default: anything. */
  input?: Schema<Given, Input> | undefined;
  /** Where the input is described, for errors: `prompts/lawyer.prompt:3`. */
  source?: string | undefined;
}

/** A preamble with a name, and with the model and the tools that belong to it. Made by `definePrompt`. */
// biome-ignore lint/suspicious/noExplicitAny: a list of tools holds prompts of any input.
export class Prompt<Given = any> {
  readonly name: string;
  /** What models are told that may hand the conversation over to it. */
  readonly definition: ToolDefinition;
  /** As they were given. */
  readonly options: PromptOptions;

  /** @internal Use `definePrompt`. */
  // biome-ignore lint/suspicious/noExplicitAny: what a schema makes of the input is the business of its options.
  constructor(options: PromptOptions<Given, any, any>) {
    this.name = checkId(options.name, 'prompt name');
    this.options = options as PromptOptions;
    this.definition = defined<ToolDefinition>({
      name: this.name,
      description: options.description ?? `Hands the conversation over to ${this.name}.`,
      inputSchema:
        options.input && jsonSchemaOf(options.input, 'input', `input of prompt ${JSON.stringify(this.name)}`),
    });
  }

  /**
   * The messages of the prompt: for the state of the current session (see `session.run`), or without one outside of
   * any. Rejects with INVALID_ARGUMENT for an input that does not fit.
   *
   * @example
   * ```ts
   * import { sess } from '@sess/core';
   *
   * const ai = sess<{ userName: string }>();
   * const greeter = ai.definePrompt({ name: 'greeter', system: ({ state }) => `Greet ${state.userName}.` });
   * const session = ai.createSession({ initialState: { userName: 'Pavel' } });
   * const messages = await session.run(() => greeter.render());
   * console.log(messages[0]?.content); // [ { text: 'Greet Pavel.' } ]
   * ```
   */
  async render(...[input]: undefined extends Given ? [input?: Given] : [input: Given]): Promise<MessageData[]> {
    const session = await turnContext.getStore()?.session.load();
    return renderPreamble(this.options, { state: session?.state, input: await this.checkInput(input), session });
  }

  /** @internal The input as its schema gives it back. Throws INVALID_ARGUMENT. */
  async checkInput(input: unknown): Promise<unknown> {
    const checked = await checkValue(this.options.input, input, 'input');
    if (checked.issues === undefined) return checked.value;
    const places = checked.issues.map(({ place }) => place).join(', ');
    const source = this.options.source ? `${this.options.source}: ` : '';
    throw new SessError(
      'INVALID_ARGUMENT',
      `${source}The input of prompt ${JSON.stringify(this.name)} does not fit: ${places}.`,
      { cause: checked.issues },
    );
  }
}
