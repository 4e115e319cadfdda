import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface Options {
  /** Where the sessions are kept. */
  folder: string;
  /** The folder as it was given; undefined: it was not. */
  folderArgument: string | undefined;
  /** The session to go on with; undefined: a new one. */
  sessionId: string | undefined;
  /** How long (ms) the demo model waits after each word. */
  delayMs: number;
  help: boolean;
}

export const usage = `Usage: npm start -- [options]

  --session ID   go on with this session
  --folder DIR   keep the sessions in DIR (default: .sess in the current folder)
  --delay MS     how long the demo model waits after each word (default: 25)
  --help         show this

Piped input is answered line by line: printf 'hello\\n' | npm start`;

/** The command line cannot be understood; the message says why. */
export class UsageError extends Error {}

export function readOptions(args: string[]): Options {
  const { session, folder, delay, help } = parse(args);
  if (session === '') throw new UsageError('--session needs an id.');
  if (folder === '') throw new UsageError('--folder needs the name of a folder.');
  if (!/^\d+$/.test(delay)) throw new UsageError('--delay needs a number of milliseconds.');
  // npm runs a script in the package's folder, and names the one it was called in.
  const currentFolder = process.env.INIT_CWD ?? process.cwd();
  return {
    folder: resolve(currentFolder, folder ?? '.sess'),
    folderArgument: folder,
    sessionId: session,
    delayMs: Number(delay),
    help,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        session: { type: 'string' },
        folder: { type: 'string' },
        delay: { type: 'string', default: '25' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const [firstSentence] = (error as Error).message.split('. ');
    throw new UsageError(`${firstSentence?.replace(/\.$/, '')}.`);
  }
}
