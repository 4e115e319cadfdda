import { SessError } from './error.ts';

/** In UTF-8. */
const MAX_ID_BYTES = 512;

/**
 * Returns `id` where it is a well-formed, non-empty string of at most 512 bytes in UTF-8; throws INVALID_ID otherwise.
 * Ids are opaque and exact: `A` and `a`, `../x` and `__proto__` are all ordinary.
 *
 * @param kind What the id is of, for the message.
 * @example
 * ```ts
 * import { checkId } from '@sess/core/store';
 *
 * checkId('../../etc/passwd'); // an ordinary id
 * ```
 */
export function checkId(id: unknown, kind = 'session id'): string {
  // A unit of UTF-16 takes three bytes at most: few ids must be encoded to know that they are short enough.
  if (
    typeof id === 'string' &&
    id !== '' &&
    id.isWellFormed() &&
    !(id.length > 170 && new TextEncoder().encode(id).length > MAX_ID_BYTES)
  ) {
    return id;
  }
  throw new SessError(
    'INVALID_ID',
    `The ${kind} must be a well-formed, non-empty string of at most ${MAX_ID_BYTES} bytes.`,
  );
}
