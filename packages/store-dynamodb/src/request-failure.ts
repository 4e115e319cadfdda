import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { SessError, type SessErrorDetails } from '@sess/core/store';

export type Item = Record<string, AttributeValue>;

/** A request that failed for good, after its repetitions. */
export class RequestFailure extends Error {
  /** Whether DynamoDB may have acted on it, or may still do so. */
  readonly isUncertain: boolean;
  readonly isTransient: boolean;

  constructor(cause: unknown, { isUncertain, isTransient }: { isUncertain: boolean; isTransient: boolean }) {
    super('a request failed', { cause });
    this.isUncertain = isUncertain;
    this.isTransient = isTransient;
  }
}

/** A write whose condition did not hold. */
export class ConditionFailed extends Error {
  /** Which of the operations of a transaction. */
  readonly failed: readonly number[];
  /** The item that the first of the operations is about, as it is now. */
  readonly current: Item | undefined;
  /** Whether an earlier try of the same write may have landed. */
  readonly isUncertain: boolean;

  constructor(failed: readonly number[], current: Item | undefined, isUncertain: boolean) {
    super('a condition did not hold');
    this.failed = failed;
    this.current = current;
    this.isUncertain = isUncertain;
  }
}

/** Refused before anything was done; the same request may pass later. */
const REFUSALS = [
  'ThrottlingException',
  'ThrottlingError',
  'ThrottledException',
  'ProvisionedThroughputExceededException',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'TransactionConflictException',
  'TransactionConflict',
  'ReplicatedWriteConflictException',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
];
/** The answer did not come, or says nothing about what was done. */
const LOSSES = [
  'InternalServerError',
  'InternalFailure',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TransactionInProgressException',
  'TimeoutError',
  'AbortError',
  'NetworkingError',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
];
const NO_ANSWER = 'No answer came in time: check the network, or raise timeoutMs.';
const REMEDIES: Readonly<Record<string, string>> = {
  ResourceNotFoundException: 'The table or one of its indexes is not there: call setup(), or create it.',
  AccessDeniedException: 'Allow these credentials the actions that the README lists.',
  UnrecognizedClientException: 'Check the credentials and the region.',
  InvalidSignatureException: 'Check the secret key and the clock of this machine.',
  IncompleteSignatureException: 'Check the credentials.',
  MissingAuthenticationTokenException: 'Give the client credentials.',
  CredentialsProviderError: 'Give the client credentials.',
  ExpiredTokenException: 'Renew the credentials.',
  ProvisionedThroughputExceededException: 'Raise the capacity of the table and its indexes, or try again later.',
  ThrottlingException: 'Try again later, or raise the limits of the account.',
  ECONNREFUSED: 'Nobody listens at the endpoint: check it, then try again.',
  AbortError: NO_ANSWER,
  TimeoutError: NO_ANSWER,
  ENOTFOUND: 'The endpoint has no address: check it and the region.',
};

interface ServiceError {
  name?: unknown;
  code?: unknown;
  Item?: Item;
  CancellationReasons?: readonly { Code?: string; Item?: Item }[];
  $metadata?: { httpStatusCode?: number; attempts?: number };
}

export interface Assessment {
  readonly isTransient: boolean;
  readonly isUncertain: boolean;
  /** The operations whose condition did not hold. */
  readonly failedConditions: readonly number[];
  readonly current: Item | undefined;
}

/** What the SDK threw means for a request. */
export function assess(error: unknown): Assessment {
  const { CancellationReasons: reasons, Item: item, $metadata } = Object(error) as ServiceError;
  const names = namesOf(error);
  // The SDK may have repeated the request by itself.
  const isRepeated = ($metadata?.attempts ?? 1) > 1;
  const verdict = { isTransient: false, isUncertain: isRepeated, failedConditions: [] as number[], current: item };
  if (names.includes('ConditionalCheckFailedException')) return { ...verdict, failedConditions: [0] };
  if (reasons !== undefined) {
    const codes = reasons.map(({ Code }) => Code ?? 'None');
    const failedConditions = codes.flatMap((code, index) => (code === 'ConditionalCheckFailed' ? [index] : []));
    const isTransient = codes.every((code) => code === 'None' || REFUSALS.includes(code));
    return { ...verdict, isTransient, failedConditions, current: reasons[0]?.Item };
  }
  const isRefused = names.some((name) => REFUSALS.includes(name));
  const isLost = !isRefused && (names.some((name) => LOSSES.includes(name)) || ($metadata?.httpStatusCode ?? 0) >= 500);
  return { ...verdict, isTransient: isRefused || isLost, isUncertain: isLost || isRepeated };
}

/** STORE_FAILED for what went wrong between us and DynamoDB; anything else stays what it is. */
export function storeFailed(error: unknown, about: SessErrorDetails = {}): unknown {
  if (!(error instanceof RequestFailure)) return error;
  const names = namesOf(error.cause);
  const remedy = names.map((name) => REMEDIES[name]).find((text) => text !== undefined) ?? 'See the cause.';
  const outcome = about.outcome === 'unknown' ? ' It is not known whether the change was stored.' : '';
  const session = about.sessionId === undefined ? '' : ` of session ${JSON.stringify(about.sessionId)}`;
  const problem = `A request${session} to DynamoDB failed with ${names[0] ?? 'an error'}`;
  return new SessError('STORE_FAILED', `${problem}.${outcome} ${remedy}`, {
    ...about,
    retryable: error.isTransient,
    cause: error.cause,
  });
}

/** The error's names, the most telling first: several causes of one failed connection come as an AggregateError. */
function namesOf(error: unknown): string[] {
  const { code, name } = Object(error) as ServiceError;
  return [code, name].filter((value): value is string => typeof value === 'string');
}
