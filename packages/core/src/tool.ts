import type { ToolDefinition } from './model.ts';
import { jsonSchemaOf, type Schema } from './schema.ts';
import type { Session } from './session.ts';
import { checkId, defined, SessError } from './store/index.ts';

/** What a tool is given besides its input. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface ToolContext<S = any> {
  /** The session of the turn that calls the tool. */
  readonly session: Session<S>;
  /** Fires when nobody waits for the call any more: its time is up, the turn was aborted, or another tool was fatal. */
  readonly signal: AbortSignal;
  /** Identifies the call within its message. */
  readonly ref: string;
  /** Ends the turn, to go on when `chat.respond` brings the output from outside. Never returns. */
  interrupt(metadata?: unknown): never;
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export type ToolFunction<Input = any, Output = any, S = any> = (
  input: Input,
  context: ToolContext<S>,
) => Output | Promise<Output>;

export interface ToolOptions<Input = unknown, Output = unknown> {
  name: string;
  /** What the tool does and when to use it: all that a model knows of it. */
  description: string;
  /** Of what models must give. Checked before the tool runs. Default: anything. */
  inputSchema?: Schema<unknown, Input> | undefined;
  /** Of what the tool must return. Checked before it is stored. Default: anything that JSON can hold. */
  outputSchema?: Schema<Output, unknown> | undefined;
  /** How long (ms) a call may take; the model is then told that it took too long. Default: for ever. */
  timeoutMs?: number | undefined;
}

/** Of an interrupt: a tool that is answered from outside. */
export interface InterruptOptions<Input = unknown, Output = unknown>
  extends Omit<ToolOptions<Input, Output>, 'timeoutMs'> {
  /** What to tell whoever answers, as `metadata.interrupt` of the request; a function makes it of the input. */
  requestMetadata?: Record<string, unknown> | ((input: Input) => unknown) | undefined;
}

/** Something that models can call. Made by `defineTool`. */
// biome-ignore lint/suspicious/noExplicitAny: a list of tools holds such of any input.
export class Tool<Input = any, Output = any> {
  readonly name: string;
  /** What models are told. */
  readonly definition: ToolDefinition;
  readonly inputSchema: Schema<unknown, Input> | undefined;
  readonly outputSchema: Schema<Output, unknown> | undefined;
  readonly timeoutMs: number | undefined;
  /** The function itself, as it was given. */
  readonly run: ToolFunction<Input, Output>;

  /** @internal Use `defineTool` or `defineInterrupt`. */
  constructor(options: ToolOptions<Input, Output>, run: ToolFunction<Input, Output>) {
    const { inputSchema, outputSchema, timeoutMs } = options;
    this.name = checkId(options.name, 'tool name');
    if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs < 2 ** 31)) {
      throw new SessError('INVALID_ARGUMENT', 'timeoutMs must be a number of milliseconds above 0 and below 2^31.');
    }
    const place = (schema: string) => `${schema} of tool ${JSON.stringify(this.name)}`;
    this.definition = defined<ToolDefinition>({
      name: this.name,
      description: options.description,
      inputSchema: inputSchema && jsonSchemaOf(inputSchema, 'input', place('inputSchema')),
      outputSchema: outputSchema && jsonSchemaOf(outputSchema, 'output', place('outputSchema')),
    });
    this.inputSchema = inputSchema;
    this.outputSchema = outputSchema;
    this.timeoutMs = timeoutMs;
    this.run = run;
  }
}
