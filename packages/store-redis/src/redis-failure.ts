import { SessError } from '@sess/core/store';

/** What a failure of the driver or of the server means. */
export interface RedisFailure {
  /** Whether the same may succeed in a moment, and is to be tried again. */
  readonly isTransient: boolean;
  /** Whether the caller may try again later. */
  readonly isRetryable: boolean;
  /** Whether the server may have done what it was asked. */
  readonly mayHaveActed: boolean;
  /** Whether the connection leads to a replica. */
  readonly isReplica?: boolean;
  readonly problem: string;
  /** What the driver threw, without the command in it: that holds content, or a password. */
  readonly cause: Error;
}

const connection = { isTransient: true, isRetryable: true, mayHaveActed: true };
const passing = { isTransient: true, isRetryable: true, mayHaveActed: false };
const lasting = { isTransient: false, isRetryable: true, mayHaveActed: false };
const refused = { isTransient: false, isRetryable: false, mayHaveActed: false };

/** By the word that a reply begins with, or that a script's error holds. */
const REPLIES: Readonly<Record<string, Omit<RedisFailure, 'cause'>>> = {
  READONLY: { ...passing, isReplica: true, problem: 'The connection leads to a replica; it must lead to the master' },
  LOADING: { ...passing, problem: 'The server is still loading its data' },
  MASTERDOWN: { ...passing, problem: 'The server is a replica without its master' },
  CLUSTERDOWN: { ...passing, problem: 'A part of the cluster is down' },
  TRYAGAIN: { ...passing, problem: 'The cluster is moving the session to another node' },
  NOREPLICAS: { ...passing, problem: 'Too few replicas are connected to the master' },
  BUSY: { ...passing, problem: 'The server is busy with a script' },
  OOM: { ...lasting, problem: 'The server is out of memory: raise maxmemory, or delete something' },
  MISCONF: { ...lasting, problem: 'The server cannot write to its disk' },
  WRONGPASS: { ...refused, problem: 'The server refused the user name or the password' },
  NOAUTH: { ...refused, problem: 'The server asks for a password' },
  NOPERM: { ...refused, problem: 'The server does not permit this user all that the store needs' },
  WRONGTYPE: { ...refused, problem: 'There is something else at the key of the session than its hash' },
};
const replyWord = new RegExp(`\\b(${Object.keys(REPLIES).join('|')})\\b`);

/** A connection to a replica, as if the server had said so. */
export class ReplicaError extends Error {
  override readonly name = 'ReplyError';
  constructor() {
    super('READONLY');
  }
}

/** The operation's time is over. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

export function failureOf(error: unknown, isClientClosed: boolean): RedisFailure {
  const { name = 'Error', message = '', code } = Object(error) as { name?: string; message?: string; code?: string };
  const word = replyWord.exec(message)?.[1];
  const cause = Object.assign(new Error(word ?? name), { name, ...(code !== undefined && { code }) });
  if (word !== undefined) return { ...(REPLIES[word] as Omit<RedisFailure, 'cause'>), cause };
  if (name === 'ReplyError') {
    return { ...refused, mayHaveActed: true, problem: `The server answered ${message.split(' ', 1)[0]}`, cause };
  }
  if (name === 'TimeoutError')
    return { ...connection, isTransient: false, problem: 'The server did not answer in time', cause };
  if (isClientClosed) return { ...refused, mayHaveActed: true, problem: 'The client was closed', cause };
  return { ...connection, problem: `The connection to the server failed (${code ?? name})`, cause };
}

/** STORE_FAILED for what could not be done, or CORRUPT where something else is at the key. */
export function storeError({ isRetryable, mayHaveActed, problem, cause }: RedisFailure, isWrite: boolean): SessError {
  if (cause.message === 'WRONGTYPE')
    return new SessError('CORRUPT', `${problem}. Move it away to do without.`, { cause });
  const isUnknown = isWrite && mayHaveActed;
  return new SessError(
    'STORE_FAILED',
    `${problem}.${isUnknown ? ' It is not known whether the change was stored.' : ''}`,
    {
      retryable: isRetryable,
      ...(isUnknown && { outcome: 'unknown' }),
      cause,
    },
  );
}
