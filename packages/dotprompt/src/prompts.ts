import { type Prompt, SessError } from '@sess/core';

/** The prompts of a folder, by name. Made by `loadPrompts`. */
export class Prompts {
  readonly #prompts: ReadonlyMap<string, Prompt>;

  /** @internal Use `loadPrompts`. */
  constructor(prompts: readonly Prompt[]) {
    this.#prompts = new Map(prompts.map((prompt) => [prompt.name, prompt]));
  }

  /** The names that there are: `lawyer`, `lawyer.formal`, `team/lawyer`. */
  get names(): string[] {
    return [...this.#prompts.keys()];
  }

  /**
   * The prompt of a name, or its variant: `get('lawyer', { variant: 'formal' })` is `get('lawyer.formal')`. Throws
   * INVALID_ARGUMENT where there is none.
   *
   * @typeParam Given What the prompt takes as its input, which a file cannot tell the compiler.
   */
  get<Given = Record<string, unknown> | undefined>(
    name: string,
    { variant }: { variant?: string | undefined } = {},
  ): Prompt<Given> {
    const wanted = variant === undefined ? name : `${name}.${variant}`;
    const prompt = this.#prompts.get(wanted);
    if (prompt) return prompt;
    throw new SessError(
      'INVALID_ARGUMENT',
      `There is no prompt ${JSON.stringify(wanted)}. There are: ${this.names.join(', ')}.`,
    );
  }
}
