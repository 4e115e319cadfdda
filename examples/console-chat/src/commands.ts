import { type MessageData, textOf } from '@sess/core';
import { explainError } from 'examples-shared';
import type { Conversation } from './conversation.ts';
import type { Terminal } from './terminal.ts';
import { visible } from './visible.ts';

interface Command {
  readonly name: string;
  /** What may stand behind the name. */
  readonly argument?: string;
  readonly purpose: string;
  run(conversation: Conversation, terminal: Terminal, argument: string): void | Promise<void>;
}

const commands: readonly Command[] = [
  { name: 'sessions', purpose: 'list the sessions, the newest first', run: listSessions },
  { name: 'resume', argument: 'ID', purpose: 'go on with another session', run: resume },
  { name: 'resume', purpose: 'finish the answer that was left open', run: resume },
  { name: 'discard', purpose: 'remove the question whose answer was left open', run: discard },
  { name: 'new', purpose: 'begin a new session', run: startNew },
  { name: 'thread', argument: 'NAME', purpose: 'go to another thread of the session', run: switchThread },
  { name: 'thread', purpose: 'list the threads of the session', run: switchThread },
  { name: 'history', purpose: 'show the messages of this thread', run: showHistory },
  { name: 'state', purpose: "show the session's state", run: showState },
  { name: 'delete', purpose: 'delete this session, and begin a new one', run: deleteSession },
  { name: 'help', purpose: 'show this', run: showHelp },
];

/** Runs a line that begins with a slash. */
export async function runCommand(line: string, conversation: Conversation, terminal: Terminal): Promise<void> {
  const [, name = '', argument = ''] = /^\/(\S*)\s*(.*)$/.exec(line.trim()) ?? [];
  const command = commands.find((candidate) => candidate.name === name);
  if (command === undefined) throw new Error(`There is no command /${visible(name)}. /help lists them.`);
  await command.run(conversation, terminal, argument);
}

async function listSessions({ ai, session }: Conversation, terminal: Terminal): Promise<void> {
  const sessions = ai.sessions.list({ onUnreadable: ({ error }) => terminal.complain(explainError(error)) });
  let count = 0;
  for await (const { id, lengths, updatedAt } of sessions) {
    const mark = id === session.id ? '*' : ' ';
    const threads = Object.entries(lengths).map(([thread, length]) => `${visible(thread)}: ${length}`);
    terminal.print(`${mark} ${visible(id)}  ${new Date(updatedAt).toLocaleString()}  ${threads.join(', ')}`);
    count += 1;
  }
  if (count === 0) terminal.print('No sessions yet.');
}

async function resume(conversation: Conversation, _terminal: Terminal, sessionId: string): Promise<void> {
  if (sessionId === '') return conversation.finishOpenTurn();
  await conversation.goOnWith(sessionId);
  await conversation.announce();
}

async function discard(conversation: Conversation, terminal: Terminal): Promise<void> {
  const discarded = await conversation.discardOpenTurn();
  terminal.print(discarded ? 'The question is removed.' : 'No answer was left open.');
}

async function startNew(conversation: Conversation): Promise<void> {
  conversation.startNew();
  await conversation.announce();
}

async function switchThread(conversation: Conversation, terminal: Terminal, name: string): Promise<void> {
  if (name !== '') {
    await conversation.switchThread(name);
    return conversation.announce();
  }
  const info = await conversation.ai.sessions.info(conversation.session.id);
  const lengths = new Map(Object.entries(info?.lengths ?? {}));
  if (!lengths.has(conversation.thread)) lengths.set(conversation.thread, 0);
  for (const [thread, length] of lengths) {
    terminal.print(`${thread === conversation.thread ? '*' : ' '} ${visible(thread)}: ${length}`);
  }
}

async function showHistory({ session, thread }: Conversation, terminal: Terminal): Promise<void> {
  const messages = await session.history(thread);
  if (messages.length === 0) terminal.print('Nothing was said yet.');
  for (const message of messages) terminal.print(`${message.role}: ${textOf(message)}${endOf(message)}`);
}

/** An answer that was aborted, or broke off, says so. */
function endOf({ metadata }: MessageData): string {
  const { end } = (metadata?.sess ?? {}) as { end?: string };
  return end === undefined ? '' : ` (${end})`;
}

function showState({ session }: Conversation, terminal: Terminal): void {
  terminal.print(JSON.stringify(session.state ?? {}, null, 2));
}

async function deleteSession(conversation: Conversation, terminal: Terminal): Promise<void> {
  const deleted = await conversation.session.delete();
  terminal.print(deleted ? `Session ${visible(conversation.session.id)} is deleted.` : 'There was nothing to delete.');
  await startNew(conversation);
}

function showHelp(_conversation: Conversation, terminal: Terminal): void {
  for (const { name, argument = '', purpose } of commands) {
    terminal.print(`${`/${name} ${argument}`.padEnd(14)}${purpose}`);
  }
  terminal.print('Ctrl-C aborts an answer; at the prompt it leaves, as Ctrl-D does.');
}
