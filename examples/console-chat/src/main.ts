#!/usr/bin/env node
import { sess } from '@sess/core';
import { fileStore } from '@sess/store-file';
import { chooseModel, explainError, UsageError } from 'examples-shared';
import { Conversation } from './conversation.ts';
import { describeLeaving } from './describe-session.ts';
import { readOptions, usage } from './options.ts';
import { runChat } from './run-chat.ts';
import { startCommand } from './start-command.ts';
import { openTerminal } from './terminal.ts';

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${usage}` : explainError(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}

async function main(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const { model, announcement } = await chooseModel(options);
  const store = fileStore({ folder: options.folder });
  // A short lease: who comes back after a crash should not wait long to be told that the answer was left open.
  const ai = sess({ store, model, leaseMs: 2000 });
  const terminal = openTerminal();
  const conversation = new Conversation(ai, terminal);
  try {
    if (announcement !== undefined) terminal.print(announcement);
    if (options.sessionId !== undefined) await conversation.goOnWith(options.sessionId);
    await conversation.announce();
    const exitCode = await runChat(conversation, terminal);
    const { id } = conversation.session;
    terminal.print(await describeLeaving(ai, id, startCommand(id, options)));
    return exitCode;
  } finally {
    terminal.close();
    await store.close();
  }
}
