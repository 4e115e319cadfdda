import type { MessageData } from './message.ts';

/** Every failure that sess reports, by code. A code never changes its meaning within a major version. */
export type SessErrorCode =
  | 'INVALID_ARGUMENT'
  | 'INVALID_ID'
  | 'INVALID_STATE'
  | 'NOT_SERIALIZABLE'
  | 'NOT_FOUND'
  | 'ALREADY_EXISTS'
  | 'CONFLICT'
  | 'BUSY'
  | 'TOO_LARGE'
  | 'CORRUPT'
  | 'UNSUPPORTED'
  | 'CLOSED'
  | 'ABORTED'
  | 'LIMIT_REACHED'
  | 'NO_SESSION'
  | 'NOT_LOADED'
  | 'INTERRUPT_PENDING'
  | 'STORE_FAILED'
  | 'MODEL_FAILED'
  | 'TOOL_FAILED';

/** With CONFLICT: the current version of each part that conflicts, and the length of each such thread. */
export interface ConflictParts {
  life?: { version: string };
  state?: { version: string | null };
  threads?: Record<string, { version: string | null; length: number }>;
}

export interface SessErrorDetails {
  sessionId?: string;
  thread?: string;
  /** Which store: its class's name. */
  store?: string;
  parts?: ConflictParts;
  /** `unknown`: the change may or may not have been applied. Absent: it was not. */
  outcome?: 'unknown';
  /** Whether the same call may succeed later. */
  retryable?: boolean;
  /** With ABORTED: what the model had said. */
  partial?: MessageData;
  cause?: unknown;
}

const marker: unique symbol = Symbol.for('sess.error') as never;

/**
 * The one error class. Tell errors apart by `code`; the message is for people and may change. It never holds message
 * content, state, or a password.
 *
 * @example
 * ```ts
 * import { SessError } from '@sess/core';
 *
 * const error: unknown = new SessError('NOT_FOUND', 'There is no session "a".', { sessionId: 'a' });
 * if (SessError.is(error, 'NOT_FOUND')) console.log(error.sessionId);
 * ```
 */
export class SessError extends Error {
  declare readonly code: SessErrorCode;
  declare readonly retryable: boolean;
  declare readonly sessionId?: string;
  declare readonly thread?: string;
  declare readonly store?: string;
  declare readonly parts?: ConflictParts;
  declare readonly outcome?: 'unknown';
  declare readonly partial?: MessageData;

  constructor(code: SessErrorCode, message: string, details: SessErrorDetails = {}) {
    super(message, details);
    Object.assign(this, { name: 'SessError', code, retryable: false, [marker]: true }, details);
  }

  /** Recognises a SessError, of the given code if one is named, also across duplicate copies of this package. */
  static is(error: unknown, code?: SessErrorCode): error is SessError {
    const found = error as (SessError & { [marker]?: true }) | null | undefined;
    return found?.[marker] === true && (code === undefined || found.code === code);
  }
}
