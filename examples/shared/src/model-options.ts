import { UsageError } from './command-line.ts';
import { providers } from './providers.ts';

/** What a command line says of the model. */
export interface ModelChoice {
  /** The model that was asked for; undefined: none. The provider `server` is the one at `baseUrl`. */
  readonly model: { provider: string; name: string } | undefined;
  /** The model as it was given. */
  readonly modelArgument: string | undefined;
  /** The address of an OpenAI-compatible server. */
  readonly baseUrl: string | undefined;
  /** How long (ms) the demo model waits after each word. */
  readonly delayMs: number;
}

export const modelUsage = `  --model NAME   what answers: openai/NAME, anthropic/NAME, google/NAME, or demo
                 (default: that of a key in the environment, else demo)
  --base-url URL with --model NAME: a model of any OpenAI-compatible server,
                 for Ollama http://localhost:11434/v1
  --delay MS     how long the demo model waits after each word (default: 25)`;

export const modelOptions = {
  model: { type: 'string' },
  'base-url': { type: 'string' },
  delay: { type: 'string', default: '25' },
} as const;

/** The choice, from the values of `modelOptions`. Throws a UsageError. */
export function readModelChoice(values: {
  model?: string | undefined;
  'base-url'?: string | undefined;
  delay: string;
}): ModelChoice {
  const { model, 'base-url': baseUrl, delay } = values;
  if (!/^\d+$/.test(delay)) throw new UsageError('--delay needs a number of milliseconds.');
  return { model: readModel(model, baseUrl), modelArgument: model, baseUrl, delayMs: Number(delay) };
}

function readModel(model: string | undefined, baseUrl: string | undefined): ModelChoice['model'] {
  if (baseUrl !== undefined) {
    if (!/^https?:/.test(baseUrl) || !URL.canParse(baseUrl)) throw new UsageError('--base-url needs an http(s) URL.');
    if (!model) throw new UsageError('--base-url needs a model of that server: --model NAME.');
    return { provider: 'server', name: model };
  }
  if (model === undefined) return undefined;
  if (model === 'demo') return { provider: 'demo', name: model };
  const [, provider = '', name = ''] = /^([^/]*)\/(.+)$/.exec(model) ?? [];
  if (!providers.has(provider)) {
    const names = Array.from(providers.keys(), (known) => `${known}/NAME`).join(', ');
    throw new UsageError(`--model needs ${names}, or demo; other servers need --base-url.`);
  }
  return { provider, name };
}
