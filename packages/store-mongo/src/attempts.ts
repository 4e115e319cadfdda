import { setTimeout as delay } from 'node:timers/promises';
import { SessError } from '@sess/core/store';
import { isPassing, isUnreachable, mayHaveLanded, toSessError } from './mongo-error.ts';

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;

/**
 * Tries an operation again while what fails it is passing, for `timeoutMs` in all, and rejects with a SessError.
 *
 * @param operation Learns whether an earlier try may have landed.
 */
export async function attempt<T>(
  operation: (mayHaveLandedBefore: boolean) => Promise<T>,
  { timeoutMs, isWrite }: { timeoutMs: number; isWrite: boolean },
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let isOutcomeUnknown = false;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, MAX_PAUSE_MS)) {
    try {
      return await within(deadline - performance.now(), operation(isOutcomeUnknown), isWrite);
    } catch (error) {
      if (SessError.is(error)) throw isOutcomeUnknown ? withOutcome(error) : error;
      isOutcomeUnknown ||= isWrite && mayHaveLanded(error) && isPassing(error);
      const wait = pause * (0.5 + Math.random());
      const isLast = !isPassing(error) || isUnreachable(error) || performance.now() + wait > deadline;
      if (isLast) throw toSessError(error, { isOutcomeUnknown });
      await delay(wait);
    }
  }
}

/** A refusal of a repetition tells by itself what it knows of the first try; a failure tells nothing. */
function withOutcome(error: SessError): SessError {
  return error.code === 'STORE_FAILED' ? Object.assign(error, { outcome: 'unknown' }) : error;
}

/** The driver has timeouts of its own, but a client that the caller made may have none. */
async function within<T>(timeoutMs: number, promise: Promise<T>, isWrite: boolean): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => {
      const details = { retryable: true, ...(isWrite && { outcome: 'unknown' as const }) };
      reject(new SessError('STORE_FAILED', 'MongoDB has not answered in time.', details));
    };
    timer = setTimeout(giveUp, timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
