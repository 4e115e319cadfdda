import {
  type ModelChoice,
  modelOptions,
  modelUsage,
  parseCommandLine,
  readModelChoice,
  typedPath,
  UsageError,
} from 'examples-shared';

export interface Options extends ModelChoice {
  /** Where the sessions are kept. */
  readonly folder: string;
  /** The folder as it was given; undefined: it was not. */
  readonly folderArgument: string | undefined;
  /** The session to go on with; undefined: a new one. */
  readonly sessionId: string | undefined;
  readonly help: boolean;
}

export const usage: string = `Usage: npm start -- [options]

  --session ID   go on with this session
  --folder DIR   keep the sessions in DIR (default: .sess in the current folder)
${modelUsage}
  --help         show this

The keys are in the environment: OPENAI_API_KEY, ANTHROPIC_API_KEY,
GOOGLE_GENERATIVE_AI_API_KEY or GEMINI_API_KEY; for --base-url MODEL_API_KEY.

Piped input is answered line by line: printf 'hello\\n' | npm start`;

export function readOptions(args: string[]): Options {
  const values = parseCommandLine(args, {
    session: { type: 'string' },
    folder: { type: 'string' },
    ...modelOptions,
    help: { type: 'boolean', default: false },
  });
  const { session, folder, help } = values;
  if (session === '') throw new UsageError('--session needs an id.');
  if (folder === '') throw new UsageError('--folder needs the name of a folder.');
  return {
    ...readModelChoice(values),
    folder: typedPath(folder ?? '.sess'),
    folderArgument: folder,
    sessionId: session,
    help,
  };
}
