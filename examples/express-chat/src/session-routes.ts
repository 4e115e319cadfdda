import { MAIN_THREAD, type MessageData, type Sess, SessError, type SessionInfo, textOf } from '@sess/core';
import { Router } from 'express';
import { userOf } from './sign-in.ts';

const SESSIONS_A_PAGE = 30;
const MESSAGES_A_PAGE = 50;

/** Listing a user's sessions; reading, emptying and deleting one. */
export function sessionRoutes(ai: Sess): Router {
  const router = Router();

  router.get('/sessions', async (request, response) => {
    const { cursor } = request.query;
    const query = { owner: userOf(response), limit: SESSIONS_A_PAGE };
    const page = await ai.sessions.page(cursor === undefined ? query : { ...query, cursor: String(cursor) });
    response.json({ sessions: page.sessions.map(summaryOf), cursor: page.cursor });
  });

  // The newest messages, or the newest of those before index `before`; `earlier` is the `before` to go on with.
  router.get('/sessions/:id/messages', async (request, response) => {
    const { id } = request.params;
    const owner = userOf(response);
    const { lengths } = await requireSession(ai, owner, id);
    const { before = lengths[MAIN_THREAD] ?? 0 } = request.query;
    const session = await ai.loadSession(id, { owner });
    const messages = await session.history(MAIN_THREAD, { before: Number(before), last: MESSAGES_A_PAGE });
    const first = Number(before) - messages.length;
    response.json({ messages: messages.map(messageOf).filter(({ text }) => text !== ''), earlier: first || undefined });
  });

  router.post('/sessions/:id/reset', async (request, response) => {
    const session = await ai.loadSession(request.params.id, { owner: userOf(response) });
    await session.reset();
    response.status(204).end();
  });

  router.delete('/sessions/:id', async (request, response) => {
    const { id } = request.params;
    if (!(await ai.sessions.delete(id, { owner: userOf(response) }))) throw notFound(id);
    response.status(204).end();
  });
  return router;
}

/** What there is to know of a user's session. Rejects with NOT_FOUND for those of others, as for those that are not. */
export async function requireSession(ai: Sess, owner: string, id: string): Promise<SessionInfo> {
  const info = await ai.sessions.info(id, { owner });
  if (info === undefined) throw notFound(id);
  return info;
}

function notFound(sessionId: string): SessError {
  return new SessError('NOT_FOUND', `There is no session ${JSON.stringify(sessionId)}.`, { sessionId });
}

function summaryOf({ id, metadata, updatedAt }: SessionInfo) {
  return { id, title: metadata?.title, updatedAt };
}

/** `end` tells that an answer was `aborted`, or has `failed`. */
function messageOf(message: MessageData) {
  const { end } = (message.metadata?.sess ?? {}) as { end?: string };
  return { role: message.role, text: textOf(message), end };
}
