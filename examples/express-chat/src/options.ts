import {
  type ModelChoice,
  modelOptions,
  modelUsage,
  parseCommandLine,
  readModelChoice,
  typedPath,
  UsageError,
} from 'examples-shared';
import { storeUsage } from './choose-store.ts';

export interface Options extends ModelChoice {
  /** The URL of the store. */
  readonly store: string;
  readonly host: string;
  readonly port: number;
  /** The file with the users; undefined: those of the demonstration. */
  readonly usersFile: string | undefined;
  /** The user to add to that file, instead of serving. */
  readonly addUser: string | undefined;
  readonly help: boolean;
}

export const usage: string = `Usage: npm run start:express -- [options]

${storeUsage}
${modelUsage}
  --port PORT    where to listen (default: 3000)
  --host HOST    for others than this machine: 0.0.0.0, which needs --users
  --users FILE   who may sign in (default: ada and grace, with the password demo)
  --add-user NAME  with --users: adds a user, whose password is read from
                 standard input, and ends
  --help         show this

In the environment: COOKIE_SECRET signs the cookies; without it, everybody signs
in again after a restart. The keys of models: see the README.`;

export function readOptions(args: string[]): Options {
  const values = parseCommandLine(args, {
    store: { type: 'string', default: 'file:.sess-web' },
    ...modelOptions,
    port: { type: 'string', default: '3000' },
    host: { type: 'string', default: '127.0.0.1' },
    users: { type: 'string' },
    'add-user': { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  const { store, port, host, users, 'add-user': addUser, help } = values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError('--port needs a number up to 65535.');
  if (addUser !== undefined && !users) throw new UsageError('--add-user needs the file to add to: --users FILE.');
  if (users === undefined && !['127.0.0.1', '::1', 'localhost'].includes(host)) {
    throw new UsageError('--host needs --users: the users of the demonstration are for this machine only.');
  }
  return {
    ...readModelChoice(values),
    store,
    host,
    port: Number(port),
    usersFile: users && typedPath(users),
    addUser,
    help,
  };
}
