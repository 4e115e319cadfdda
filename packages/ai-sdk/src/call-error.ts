interface Failure {
  name?: unknown;
  message?: unknown;
  isRetryable?: unknown;
  statusCode?: unknown;
  code?: unknown;
  cause?: unknown;
}

/**
 * A call of a language model has failed. It is the `cause` of the `MODEL_FAILED` that a turn rejects with, which takes
 * over `retryable`.
 *
 * The AI SDK's own errors hold the request, and so the whole conversation, and a log that shows an error shows its
 * causes: the original is therefore not the `cause` of this one.
 */
export class ModelCallError extends Error {
  /** Of the HTTP answer, where there was one. */
  readonly statusCode: number | undefined;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** What the language model threw. Not enumerable. */
  declare readonly original: unknown;

  constructor(message: string, { statusCode, retryable, original }: Omit<ModelCallError, keyof Error>) {
    super(message);
    this.name = 'ModelCallError';
    this.statusCode = statusCode;
    this.retryable = retryable;
    Object.defineProperty(this, 'original', { value: original, enumerable: false });
  }
}

/** An error of a language model, or what one streams as an error: a text or an object. */
export function callError(original: unknown): ModelCallError {
  if (original instanceof ModelCallError) return original;
  const { message, isRetryable, statusCode, cause } = Object(original) as Failure;
  const text = typeof original === 'string' ? original : typeof message === 'string' ? message : '';
  // Node's fetch says `terminated`, and why only in the cause.
  const reason = text === 'terminated' ? `The connection was cut: ${String((Object(cause) as Failure).message)}` : text;
  return new ModelCallError(reason || 'The language model reported an error without a message.', {
    statusCode: typeof statusCode === 'number' ? statusCode : undefined,
    retryable: typeof isRetryable === 'boolean' ? isRetryable : isTransient(Object(original)),
    original,
  });
}

/** The provider's answer ended before it was whole. */
export function brokenOff(): ModelCallError {
  return new ModelCallError('The answer of the language model broke off.', {
    statusCode: undefined,
    retryable: true,
    original: undefined,
  });
}

const transientStatus = [408, 409, 429];

/** Whether a failure is one of the network, of a server that is busy, or of an answer that came in pieces. */
function isTransient({ name, statusCode, code, cause }: Failure, depth = 0): boolean {
  if (name === 'AI_InvalidResponseDataError') return true; // a stream that ended too early, for one
  if (typeof statusCode === 'number') return statusCode >= 500 || transientStatus.includes(statusCode);
  if (typeof code === 'string' && /^(UND_ERR_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)/.test(code)) return true;
  return cause !== undefined && depth < 5 && isTransient(Object(cause), depth + 1);
}
