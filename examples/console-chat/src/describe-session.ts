import { type Chat, type Sess, textOf } from '@sess/core';
import { visible } from './visible.ts';

/** Which session and thread a chat is in, and what can be done about an answer that was left open. */
export async function describeSession(ai: Sess, chat: Chat): Promise<string[]> {
  const id = visible(chat.session.id);
  const info = await ai.sessions.info(chat.session.id);
  if (info === undefined) return [`Session ${id} (new). /help lists the commands.`];
  const count = new Map(Object.entries(info.lengths)).get(chat.thread) ?? 0;
  const messages = `${count} ${count === 1 ? 'message' : 'messages'}`;
  return [
    `Session ${id}, thread ${visible(chat.thread)}: ${messages}. /help lists the commands.`,
    ...(await describeOpenTurn(chat)),
  ];
}

async function describeOpenTurn(chat: Chat): Promise<string[]> {
  const open = await chat.openTurn();
  if (open === undefined) return [];
  const question = (await chat.session.history(chat.thread)).findLast(({ role }) => role === 'user');
  const about = question === undefined ? '' : ` to "${visible(textOf(question))}"`;
  return open.status === 'running'
    ? [`Another process is making the answer${about}. What you say waits for it.`]
    : [`The answer${about} was left open. /resume finishes it, /discard removes the question; or just go on.`];
}

/** What to say when one leaves: the command that goes on with the session, where it is kept. */
export async function describeLeaving(ai: Sess, sessionId: string, command: string): Promise<string> {
  const isKept = (await ai.sessions.info(sessionId)) !== undefined;
  return isKept ? `To go on with this session: ${command}` : 'Nothing was said, and nothing is kept.';
}
