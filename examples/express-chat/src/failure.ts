import { SessError, type SessErrorCode } from '@sess/core';
import { explainError } from 'examples-shared';
import type { ErrorRequestHandler } from 'express';

/** What a client is told of an error: nothing of what is behind the server. */
export interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** The session that it is about. A new one is there from its first message on, also where the answer has failed. */
  readonly sessionId?: string | undefined;
}

/** A request that is refused before sess comes into play. */
export class RequestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const statuses: Partial<Record<SessErrorCode, number>> = {
  INVALID_ARGUMENT: 400,
  INVALID_ID: 400,
  NOT_SERIALIZABLE: 400,
  NOT_FOUND: 404,
  ABORTED: 409,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  INTERRUPT_PENDING: 409,
  TOO_LARGE: 413,
  MODEL_FAILED: 502,
  TOOL_FAILED: 502,
  BUSY: 503,
  CLOSED: 503,
  STORE_FAILED: 503,
};

/** What is told instead of a message that is about the server: these go to its log. */
const publicMessages: Partial<Record<SessErrorCode, string>> = {
  BUSY: 'Another answer is being made in this session. Try again in a moment.',
  CLOSED: 'The server is being restarted. Try again in a moment.',
  MODEL_FAILED: 'The model failed. Your message is kept; try again.',
  STORE_FAILED: 'The session cannot be reached. Try again in a moment.',
};

export function failureOf(error: unknown): Failure {
  if (error instanceof RequestError) return { ...error, message: error.message, retryable: false };
  if (SessError.is(error)) {
    const { code, retryable, sessionId } = error;
    const status = statuses[code] ?? 500;
    const message = status < 500 ? error.message : (publicMessages[code] ?? 'Something went wrong on the server.');
    return { status, code, message, retryable: retryable || status === 503, sessionId };
  }
  // What Express and its body parser refuse; their words may quote the request.
  const status = Number((error as { status?: unknown } | null)?.status);
  if (status === 413) return { status, code: 'TOO_LARGE', message: 'The message is too large.', retryable: false };
  if (status >= 400 && status < 500) {
    return { status, code: 'INVALID_ARGUMENT', message: 'The request is not valid.', retryable: false };
  }
  return { status: 500, code: 'INTERNAL', message: 'Something went wrong on the server.', retryable: false };
}

/** The failure, after the log has been told where it is the server's own. */
export function reportFailure(error: unknown): Failure {
  const failure = failureOf(error);
  if (failure.status >= 500) console.error(explainError(error));
  return failure;
}

/** Answers with the error as JSON. */
export const answerFailure: ErrorRequestHandler = (error, _request, response, _next) => {
  const { status, ...body } = reportFailure(error);
  if (status === 503) response.set('Retry-After', '5');
  response.status(status).json(body);
};
