import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { providers } from './providers.ts';

export interface Options {
  /** Where the sessions are kept. */
  folder: string;
  /** The folder as it was given; undefined: it was not. */
  folderArgument: string | undefined;
  /** The session to go on with; undefined: a new one. */
  sessionId: string | undefined;
  /** The model that was asked for; undefined: none. The provider `server` is the one at `baseUrl`. */
  model: { provider: string; name: string } | undefined;
  /** The model as it was given. */
  modelArgument: string | undefined;
  /** The address of an OpenAI-compatible server. */
  baseUrl: string | undefined;
  /** How long (ms) the demo model waits after each word. */
  delayMs: number;
  help: boolean;
}

export const usage = `Usage: npm start -- [options]

  --session ID   go on with this session
  --folder DIR   keep the sessions in DIR (default: .sess in the current folder)
  --model NAME   what answers: openai/NAME, anthropic/NAME, google/NAME, or demo
                 (default: that of a key in the environment, else demo)
  --base-url URL with --model NAME: a model of any OpenAI-compatible server,
                 for Ollama http://localhost:11434/v1
  --delay MS     how long the demo model waits after each word (default: 25)
  --help         show this

The keys are in the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY,
GOOGLE_GENERATIVE_AI_API_KEY or GEMINI_API_KEY; for --base-url MODEL_API_KEY.

Piped input is answered line by line: printf 'hello\\n' | npm start`;

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {}

export function readOptions(args: string[]): Options {
  const { session, folder, model, 'base-url': baseUrl, delay, help } = parse(args);
  if (session === '') throw new UsageError('--session needs an id.');
  if (folder === '') throw new UsageError('--folder needs the name of a folder.');
  if (!/^\d+$/.test(delay)) throw new UsageError('--delay needs a number of milliseconds.');
  // npm runs a script in the package's folder, and names the one it was called in.
  const currentFolder = process.env.INIT_CWD ?? process.cwd();
  return {
    folder: resolve(currentFolder, folder ?? '.sess'),
    folderArgument: folder,
    sessionId: session,
    model: readModel(model, baseUrl),
    modelArgument: model,
    baseUrl,
    delayMs: Number(delay),
    help,
  };
}

function readModel(model: string | undefined, baseUrl: string | undefined): Options['model'] {
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

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        session: { type: 'string' },
        folder: { type: 'string' },
        model: { type: 'string' },
        'base-url': { type: 'string' },
        delay: { type: 'string', default: '25' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const [firstSentence] = (error as Error).message.split('. ');
    throw new UsageError(`${firstSentence?.replace(/\.$/, '')}.`);
  }
}
