import {
  type ConflictParts,
  REMEMBERED_CHANGES,
  SessError,
  type SessErrorCode,
  type SessErrorDetails,
  type SessionChange,
} from '@sess/core/store';
import type { Reply } from './redis-connection.ts';

/** The error for what the script has refused, with the messages of `applyChange`. */
export function refusalOf(reply: readonly Reply[], sessionId: string, change: SessionChange | undefined): SessError {
  const [code, ...rest] = reply as string[];
  const refuse = (of: SessErrorCode, problem: string, details?: SessErrorDetails) =>
    new SessError(of, `Session ${JSON.stringify(sessionId)} ${problem}.`, { sessionId, ...details });
  switch (code) {
    case 'ALREADY_EXISTS':
      return refuse(code, 'exists already');
    case 'NOT_FOUND':
      return refuse(code, 'is not there: never saved, deleted, or expired');
    case 'BEYOND': {
      const [thread = '', length] = rest;
      const keep = change?.threads?.[thread]?.keep;
      return refuse('INVALID_ARGUMENT', `has ${length} messages in the thread, not ${keep}`, { thread });
    }
    case 'CONFLICT': {
      const [changes, ...parts] = rest;
      const found = conflictParts(parts);
      const isKnown =
        !change?.retry || (!found.life && Number(changes) - (change.seen ?? Number.NaN) < REMEMBERED_CHANGES);
      return refuse('CONFLICT', 'was changed meanwhile; read it again', {
        parts: found,
        ...(!isKnown && { outcome: 'unknown' }),
      });
    }
    default:
      return refuse('STORE_FAILED', `got an answer of the server that the store does not know: ${code}`);
  }
}

function conflictParts([life, isState, stateVersion, ...threads]: readonly string[]): ConflictParts {
  if (life) return { life: { version: life } };
  const found: [string, { version: string | null; length: number }][] = [];
  for (let at = 0; at < threads.length; at += 3) {
    const [name = '', version, length] = threads.slice(at, at + 3);
    found.push([name, { version: version || null, length: Number(length) }]);
  }
  return {
    ...(isState && { state: { version: stateVersion || null } }),
    ...(found.length > 0 && { threads: Object.fromEntries(found) }),
  };
}
