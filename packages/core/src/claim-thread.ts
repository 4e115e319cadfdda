import { delay } from './delay.ts';
import { seeOpenTurn } from './foreign-turns.ts';
import type { KnownSession } from './known-session.ts';
import type { ChangeParts, SessionReplica, ThreadNeed } from './session-replica.ts';
import { own, SessError } from './store/index.ts';

/** How to deal with a thread on which another turn runs. */
export interface Patience {
  /** `reject`: a turn that is found to run is BUSY. */
  readonly whenBusy: 'wait' | 'reject';
  /** Until when to wait, in ms of this process's monotonic clock. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/**
 * Commits a change to a thread on which nobody's turn is open, or only one that was abandoned, which the change then
 * replaces or closes. Waits for turns of other processes as `patience` says; throws BUSY after that.
 */
export async function claimThread<S>(
  replica: SessionReplica<S>,
  need: ThreadNeed,
  patience: Patience,
  build: (known: KnownSession<S> | undefined) => ChangeParts<S>,
): Promise<KnownSession<S>> {
  let abandoned: string | undefined;
  for (;;) {
    let isTaken = false;
    const known = await replica.commit((current) => {
      patience.signal.throwIfAborted();
      const open = own(current?.openTurns, need.thread);
      isTaken = open !== undefined && open.id !== abandoned;
      return isTaken ? undefined : build(current);
    }, need);
    if (!isTaken && known !== undefined) return known;
    abandoned = await outwaitTurn(replica, need.thread, patience);
  }
}

/** Watches the open turn of a thread until it is closed (undefined) or abandoned (its id). */
export async function outwaitTurn(
  replica: SessionReplica,
  thread: string,
  { whenBusy, deadline, signal }: Patience,
): Promise<string | undefined> {
  let isWatched = false; // what was seen before this watch is no sign that the turn is alive now
  for (let pause = 100; ; pause = Math.min(1000, 2 * pause)) {
    signal.throwIfAborted();
    const askedAt = performance.now();
    const known = await replica.refresh({ last: 0, threads: [thread] });
    const open = own(known?.openTurns, thread);
    const sign = known && open && seeOpenTurn(replica.store, known, thread, open, askedAt);
    if (sign === 'abandoned') return open?.id;
    if (sign === undefined && (whenBusy === 'wait' || !isWatched)) return undefined;
    const isKnownBusy = whenBusy === 'reject' && isWatched && (sign === undefined || sign === 'alive');
    if (isKnownBusy || performance.now() >= deadline) {
      throw new SessError(
        'BUSY',
        `A turn of another process runs on thread ${JSON.stringify(thread)} of session ${JSON.stringify(replica.id)}.`,
        { sessionId: replica.id, thread, retryable: true },
      );
    }
    isWatched = true;
    await delay(pause * (0.5 + Math.random() / 2), signal);
  }
}
