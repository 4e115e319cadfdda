import type { Model } from './model.ts';
import type { Prompt } from './prompt.ts';
import { SessError } from './store/index.ts';
import type { Tool } from './tool.ts';

/** What `sess()` knows by name: models, tools, and prompts, to which a tool call hands the conversation over. */
export class Registry {
  readonly #named = new Map<string, Tool | Prompt>();
  readonly #models: ((name: string) => Model | undefined) | undefined;

  constructor(models: ((name: string) => Model | undefined) | undefined) {
    this.#models = models;
  }

  /** Throws INVALID_ARGUMENT where the name is taken. */
  define<T extends Tool | Prompt>(named: T): T {
    if (this.#named.has(named.name)) {
      throw new SessError('INVALID_ARGUMENT', `${JSON.stringify(named.name)} is defined already.`);
    }
    this.#named.set(named.name, named);
    return named;
  }

  /** A model, or the one of this name. Throws INVALID_ARGUMENT where there is none. */
  model(model: Model | string | undefined): Model {
    const found = typeof model === 'string' ? this.#models?.(model) : model;
    if (typeof found === 'function') return found;
    const problem = model === undefined ? 'There is no model' : `There is no model ${JSON.stringify(model)}`;
    throw new SessError('INVALID_ARGUMENT', `${problem}: give one to sess(), to the chat or to send().`);
  }

  prompt(name: string): Prompt {
    const found = this.#named.get(name);
    if (found !== undefined && !isTool(found)) return found;
    throw new SessError(
      'INVALID_ARGUMENT',
      `There is no prompt ${JSON.stringify(name)}, to which the conversation was handed over: define it before.`,
    );
  }

  /**
   * The tools of a list, by name. A prompt must be known by its name, since later turns only have that. Throws
   * INVALID_ARGUMENT for a tool that is not known, and for one that is there twice.
   */
  tools(list: readonly (Tool | Prompt | string)[] = []): ReadonlyMap<string, Tool | Prompt> {
    const tools = new Map<string, Tool | Prompt>();
    for (const item of list) {
      const name = typeof item === 'string' ? item : item.name;
      const tool = typeof item === 'string' || !isTool(item) ? this.#named.get(name) : item;
      if (tool === undefined || (typeof item !== 'string' && tool !== item)) {
        throw new SessError(
          'INVALID_ARGUMENT',
          `There is no tool ${JSON.stringify(name)}: define it with this sess().`,
        );
      }
      if (tools.has(name)) throw new SessError('INVALID_ARGUMENT', `There are two tools ${JSON.stringify(name)}.`);
      tools.set(name, tool);
    }
    return tools;
  }

  /** A tool of this name, from a list or else from all that are defined. */
  tool(name: string, list: readonly (Tool | Prompt | string)[] = []): Tool | undefined {
    const found = list.find((item) => typeof item !== 'string' && item.name === name) ?? this.#named.get(name);
    return typeof found === 'object' && isTool(found) ? found : undefined;
  }
}

/** Whether it is a tool that runs, not a prompt. */
export function isTool(tool: Tool | Prompt): tool is Tool {
  return 'run' in tool;
}
