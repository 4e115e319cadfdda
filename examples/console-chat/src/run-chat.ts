import { SessError } from '@sess/core';
import { explainError } from 'examples-shared';
import { runCommand } from './commands.ts';
import type { Conversation } from './conversation.ts';
import type { Terminal } from './terminal.ts';

/** Answers line after line. Resolves to the exit code: for another program, 1 where a line failed. */
export async function runChat(conversation: Conversation, terminal: Terminal): Promise<number> {
  terminal.onInterrupt(() => {
    if (!conversation.interrupt()) terminal.close();
  });
  let failures = 0;
  for await (const line of terminal.lines()) {
    try {
      if (line.startsWith('/')) await runCommand(line, conversation, terminal);
      else if (line.trim() !== '') await conversation.say(line);
    } catch (error) {
      if (SessError.is(error, 'ABORTED')) terminal.print('Aborted.');
      else {
        terminal.complain(explainError(error));
        failures += 1;
      }
    }
  }
  return failures > 0 && !terminal.interactive ? 1 : 0;
}
