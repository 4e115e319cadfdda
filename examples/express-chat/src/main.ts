import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { sess } from '@sess/core';
import { chooseModel, explainError, UsageError } from 'examples-shared';
import { createApp } from './app.ts';
import { chooseStore } from './choose-store.ts';
import { type Options, readOptions, usage } from './options.ts';
import { RunningTurns } from './running-turns.ts';
import { shutDown } from './shut-down.ts';
import { addUser, demoUsers, readUsers } from './users.ts';

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : explainError(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(args: string[]): Promise<void> {
  const options = readOptions(args);
  if (options.help) console.log(usage);
  else if (options.addUser !== undefined) await add(options.usersFile as string, options.addUser);
  else await serve(options);
}

async function add(file: string, name: string): Promise<void> {
  const password = (await text(process.stdin)).trim();
  if (password === '') throw new UsageError('--add-user reads the password from standard input, which is empty.');
  await addUser(file, name, password);
  console.log(`${name} is in ${file}.`);
}

async function serve(options: Options): Promise<void> {
  const users = options.usersFile === undefined ? await demoUsers() : readUsers(options.usersFile);
  const { model, announcement } = await chooseModel(options);
  const store = await chooseStore(options.store);
  // The model is sent the newest messages only. A short lease: who comes back after a crash should not wait long.
  const ai = sess({ store, model, window: 40, leaseMs: 3000 });
  const turns = new RunningTurns();
  const secret = process.env.COOKIE_SECRET ?? randomBytes(32).toString('hex');
  const server = createApp({ ai, turns, users, secret }).listen(options.port, options.host);
  try {
    await once(server, 'listening');
  } catch (error) {
    await store.close();
    throw error;
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void shutDown({ server, turns, store }));
  if (announcement !== undefined) console.log(announcement);
  if (process.env.COOKIE_SECRET === undefined) console.log('Sign-ins end with this process: COOKIE_SECRET is not set.');
  if (options.usersFile === undefined) console.log('Sign in as ada or grace, with the password demo.');
  console.log(`Open http://${options.host}:${(server.address() as AddressInfo).port}/ in a browser.`);
}
