import type { SessionReplica } from './session-replica.ts';
import { SessError } from './store/index.ts';

/**
 * Shows others, three times in each lease, that a turn is alive, until the returned function is called. `onLost` hears
 * when the turn is not open any more; another failure to write is tried again at the next beat.
 */
export function keepLease(
  replica: SessionReplica,
  thread: string,
  turn: string,
  leaseMs: number,
  onLost: (error: SessError) => void,
): () => void {
  let isStopped = false;
  const beat = async () => {
    try {
      await replica.commit(() => (isStopped ? undefined : { holds: { [thread]: turn } }));
    } catch (error) {
      if (!isStopped && isLost(error)) {
        onLost(error);
        return;
      }
    }
    schedule();
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const schedule = () => {
    if (isStopped) return;
    timer = setTimeout(beat, leaseMs / 3);
    timer.unref();
  };
  schedule();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}

/** Whether an error means that a turn is not open any more. */
export function isLost(error: unknown): error is SessError {
  return SessError.is(error, 'CONFLICT') || SessError.is(error, 'NOT_FOUND');
}
