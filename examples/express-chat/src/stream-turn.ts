import type { ChatResponse, Turn, Usage } from '@sess/core';
import type { Response } from 'express';
import { reportFailure } from './failure.ts';

const PING_MS = 15_000;

/** An answer as clients get it, in one piece or at the end of a stream. */
export interface Answer {
  readonly response: string;
  readonly sessionId: string;
  readonly usage: Usage;
}

export function answerOf(sessionId: string, { text, usage }: ChatResponse): Answer {
  return { response: text, sessionId, usage };
}

/**
 * Sends an answer in pieces, as server-sent events: `start`, any number of `chunk`, then `done` or `error`. It ends after
 * the turn is stored. A client that goes away only stops reading: the turn goes on.
 */
export async function streamTurn(response: Response, sessionId: string, turn: Turn): Promise<void> {
  const send = (event: string, data: object) => response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  response.set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' }).flushHeaders();
  // Proxies close what is silent for long.
  const ping = setInterval(() => response.write(': ping\n\n'), PING_MS);
  try {
    send('start', { sessionId });
    for await (const { text } of turn) if (text !== '') send('chunk', { text });
    send('done', answerOf(sessionId, await turn));
  } catch (error) {
    send('error', reportFailure(error));
  } finally {
    clearInterval(ping);
    response.end();
  }
}
