import { SessError } from '@sess/core/store';

interface DriverError extends Error {
  readonly code?: unknown;
  readonly codeName?: string;
  readonly errorLabelSet?: ReadonlySet<string>;
}

const DUPLICATE_KEY = 11000;
/** The user may not do this, or is none. */
const REFUSED = new Set([13, 18, 8000]);
/** What is written makes a document, or a command, larger than the server takes. */
const TOO_LARGE = new Set([10334, 17419, 17420]);
/** The server was not there, or not able to, and may be soon. */
const PASSING = new Set([
  6, 7, 43, 50, 64, 89, 91, 112, 134, 189, 262, 391, 9001, 10058, 10107, 11600, 11602, 13388, 13435, 13436,
]);
const PASSING_NAMES = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongoNotConnectedError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoWaitQueueTimeoutError',
  'MongoOperationTimeoutError',
]);
const PASSING_LABELS = ['RetryableWriteError', 'TransientTransactionError'];
/** Of these it is certain that nothing was done: the server refused, or was never asked. */
const NOT_DONE = new Set([112, 10058, 10107, 13435]);
const NOT_SENT = new Set(['MongoServerSelectionError', 'MongoPoolClearedError', 'MongoWaitQueueTimeoutError']);

export function isDuplicate(error: unknown): boolean {
  return (error as DriverError).code === DUPLICATE_KEY;
}

/** Whether the same operation may succeed a moment later. */
export function isPassing(error: unknown): boolean {
  const { name, code, errorLabelSet } = error as DriverError;
  return (
    PASSING_NAMES.has(name) ||
    PASSING.has(code as number) ||
    PASSING_LABELS.some((label) => errorLabelSet?.has(label) === true)
  );
}

/** Whether waiting for a server is what failed: the driver has tried for long enough. */
export function isUnreachable(error: unknown): boolean {
  return (error as DriverError).name === 'MongoServerSelectionError';
}

/** Whether the server may have done what it was asked. */
export function mayHaveLanded(error: unknown): boolean {
  const { name, code, errorLabelSet } = error as DriverError;
  return !NOT_SENT.has(name) && !NOT_DONE.has(code as number) && errorLabelSet?.has('HandshakeError') !== true;
}

/** The error as the store reports it. The driver's message may hold content, so only its name is told. */
export function toSessError(error: unknown, { isOutcomeUnknown }: { isOutcomeUnknown: boolean }): SessError {
  if (SessError.is(error)) return error;
  const { name, code, codeName } = error as DriverError;
  const reason = codeName ?? (typeof code === 'string' ? code : name);
  if (TOO_LARGE.has(code as number) || isTooLargeForDriver(error as Error)) {
    return new SessError('TOO_LARGE', 'MongoDB takes documents of 16 MB at most.', { cause: error });
  }
  if (REFUSED.has(code as number)) {
    const remedy = 'Check the user, the password, and the roles of the user';
    return new SessError('STORE_FAILED', `MongoDB refuses the user (${reason}). ${remedy}.`, { cause: error });
  }
  const retryable = isPassing(error);
  const problem = isUnreachable(error) ? 'cannot be reached' : retryable ? 'failed for the moment' : 'failed';
  return new SessError('STORE_FAILED', `MongoDB ${problem} (${reason}).`, {
    retryable,
    cause: error,
    ...(isOutcomeUnknown && { outcome: 'unknown' }),
  });
}

function isTooLargeForDriver({ name, message }: Error): boolean {
  return (name === 'RangeError' || name === 'MongoInvalidArgumentError') && /size|range/i.test(message);
}
