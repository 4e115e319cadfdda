import { SessError, type SessErrorCode } from '@sess/core/store';
import { describeError, describeValue } from './describe-value.ts';
import { differences } from './differences.ts';
import { ConformanceFailure } from './failure.ts';

/** Fails unless the condition holds. */
export function ok(condition: boolean, what: string, cause?: string): asserts condition {
  if (!condition) throw new ConformanceFailure(what, [], cause);
}

/** Fails unless the two are the same JSON value. See {@link differences} for what counts. */
export function equal(actual: unknown, expected: unknown, what: string, cause?: string): void {
  const found = differences(expected, actual);
  if (found.length > 0)
    throw cause === undefined ? new ConformanceFailure(what, found) : new ConformanceFailure(what, found, cause);
}

/** Fails unless the promise rejects with a SessError of one of these codes, which it resolves to. */
export async function rejects(
  promise: Promise<unknown>,
  codes: SessErrorCode | readonly SessErrorCode[],
  what: string,
  cause?: string,
): Promise<SessError> {
  const expected = typeof codes === 'string' ? [codes] : codes;
  const wanted = `${what} must be refused with ${expected.join(' or ')}`;
  let resolved: unknown;
  try {
    resolved = await promise;
  } catch (error) {
    if (SessError.is(error) && expected.includes(error.code)) return error;
    throw new ConformanceFailure(`${wanted}, and was refused with ${describeError(error)}`, [], cause);
  }
  throw new ConformanceFailure(`${wanted}, and resolved ${describeValue(resolved, 80)}`, [], cause);
}
