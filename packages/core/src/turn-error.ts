import { type MessageData, SessError } from './store/index.ts';

export function abortedError(cause: unknown, sessionId: string, thread: string, partial?: MessageData): SessError {
  const details = { sessionId, thread, cause, ...(partial && { partial }) };
  return new SessError('ABORTED', `The turn was aborted in session ${JSON.stringify(sessionId)}.`, details);
}

/** What there is to say of a session that is not there, and just the same of one that is somebody else's. */
export function goneError(sessionId: string): SessError {
  return new SessError(
    'NOT_FOUND',
    `There is no session ${JSON.stringify(sessionId)}: it was never stored, was deleted, or has expired.`,
    { sessionId },
  );
}

/** What the turn that is open rejects with when somebody else has closed it, without waiting. */
export function lostTurnError(deed: string, sessionId: string, thread: string): SessError {
  return new SessError(
    'CONFLICT',
    `Thread ${JSON.stringify(thread)} of session ${JSON.stringify(sessionId)} was ${deed} while a turn ran.`,
    { sessionId, thread },
  );
}
