import type { SessionReplica } from './session-replica.ts';
import { SessError } from './store/index.ts';

/** How a turn that is open in the store is kept open. */
export interface Lease {
  /** Finds out at once whether the turn is still open. `onLost` then hears of `reason`. */
  check(reason: SessError): void;
  stop(): void;
}

/**
 * Shows others, three times in each lease, that a turn is alive, until it is stopped. `onLost` hears when the turn is
 * not open any more; another failure to write is tried again at the next beat.
 */
export function keepLease(
  replica: SessionReplica,
  thread: string,
  turn: string,
  leaseMs: number,
  onLost: (error: SessError) => void,
): Lease {
  let isStopped = false;
  const beat = async (reason?: SessError) => {
    try {
      await replica.commit(() => (isStopped ? undefined : { holds: { [thread]: turn } }));
    } catch (error) {
      if (!isStopped && isLost(error)) {
        onLost(reason ?? error);
        return;
      }
    }
    schedule();
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const schedule = () => {
    clearTimeout(timer);
    if (isStopped) return;
    timer = setTimeout(beat, leaseMs / 3);
    timer.unref();
  };
  schedule();
  const stop = () => {
    isStopped = true;
    clearTimeout(timer);
  };
  return { check: beat, stop };
}

/** Whether an error means that a turn is not open any more. */
export function isLost(error: unknown): error is SessError {
  return SessError.is(error, 'CONFLICT') || SessError.is(error, 'NOT_FOUND');
}
