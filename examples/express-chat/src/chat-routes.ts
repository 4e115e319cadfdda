import { type Sess, SessError, type Session } from '@sess/core';
import { Router } from 'express';
import type { RunningTurns } from './running-turns.ts';
import { requireSession } from './session-routes.ts';
import { userOf } from './sign-in.ts';
import { answerOf, streamTurn } from './stream-turn.ts';

const TITLE_LENGTH = 60;

/** Sending a message, reading its answer, and stopping it. */
export function chatRoutes(ai: Sess, turns: RunningTurns): Router {
  const router = Router();

  router.post('/chat', async (request, response) => {
    const owner = userOf(response);
    const { message, sessionId } = request.body ?? {};
    if (typeof message !== 'string' || message.trim() === '') {
      throw new SessError('INVALID_ARGUMENT', 'message must be a text that is not empty.');
    }
    const session = sessionId ? await ai.loadSession(sessionId, { owner }) : newSession(ai, owner, message);
    const turn = session.send(message);
    turns.add({ owner, sessionId: session.id, turn });
    if (request.accepts(['json', 'text/event-stream']) === 'text/event-stream') {
      await streamTurn(response, session.id, turn);
    } else {
      response.json(answerOf(session.id, await turn));
    }
  });

  // The answer that is being made, from its first piece on: for a page that was reloaded, and for a second tab.
  router.get('/sessions/:id/answer', async (request, response) => {
    const { id } = request.params;
    const [turn] = turns.find(userOf(response), id);
    if (turn !== undefined) return streamTurn(response, id, turn);
    await requireSession(ai, userOf(response), id);
    response.status(204).end();
  });

  router.post('/sessions/:id/stop', async (request, response) => {
    const { id } = request.params;
    const running = turns.find(userOf(response), id);
    if (running.length === 0) await requireSession(ai, userOf(response), id);
    for (const turn of running) turn.abort();
    response.json({ stopped: running.length > 0 });
  });
  return router;
}

/** It is stored with its first message. */
function newSession(ai: Sess, owner: string, message: string): Session {
  return ai.createSession({ owner, metadata: { title: [...message.trim()].slice(0, TITLE_LENGTH).join('') } });
}
