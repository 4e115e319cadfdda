import { delay } from './delay.ts';
import { type FullSessionStore, SessError } from './store/index.ts';

/** A turn of this process. */
export interface LocalTurn {
  /** Ends it with `reason` where it is not open in the store any more. Absent before it was opened. */
  check?: (reason: SessError) => void;
}

interface Waiting {
  turn: LocalTurn;
  admit(): void;
}

const linesOfStores = new WeakMap<FullSessionStore, Map<string, ThreadLine>>();

/**
 * The line of those in this process who write to one thread: first come, first served, also where the session was
 * loaded twice.
 */
export class ThreadLine {
  #running: LocalTurn | undefined;
  readonly #waiting: Waiting[] = [];
  readonly #lines: Map<string, ThreadLine>;
  readonly #sessionId: string;
  readonly #thread: string;

  /** The line of a thread. */
  static of(store: FullSessionStore, sessionId: string, thread: string): ThreadLine {
    const lines = linesOfStores.get(store) ?? new Map<string, ThreadLine>();
    linesOfStores.set(store, lines);
    return lines.get(keyOf(sessionId, thread)) ?? new ThreadLine(lines, sessionId, thread);
  }

  /** Has all turns of this process that run in a session find out at once whether they are still open. */
  static checkAll(store: FullSessionStore, sessionId: string, reason: SessError): void {
    for (const line of linesOfStores.get(store)?.values() ?? []) {
      if (line.#sessionId === sessionId) line.check(reason);
    }
  }

  private constructor(lines: Map<string, ThreadLine>, sessionId: string, thread: string) {
    this.#lines = lines;
    this.#sessionId = sessionId;
    this.#thread = thread;
  }

  /** Whether a turn of this process runs here. */
  get isBusy(): boolean {
    return this.#running !== undefined;
  }

  /** Has the turn that runs here find out at once whether it is still open; it ends with `reason` where it is not. */
  check(reason: SessError): void {
    this.#running?.check?.(reason);
  }

  /**
   * Lines up at once and resolves when it is the turn's turn; it then must leave. Rejects with BUSY after `waitTimeout`
   * ms (0: it does not wait), and with the signal's reason when that fires.
   */
  async enter(turn: LocalTurn, waitTimeout: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running === undefined) {
      this.#running = turn;
      this.#lines.set(keyOf(this.#sessionId, this.#thread), this); // only lines with somebody in them are kept
      return;
    }
    if (waitTimeout === 0) throw this.#busy();
    const patience = new AbortController();
    const admitted = new Promise<void>((resolve) => {
      this.#waiting.push({ turn, admit: resolve });
    });
    const givenUp = delay(waitTimeout, AbortSignal.any([signal, patience.signal])).then(() => {
      throw this.#busy();
    });
    try {
      await Promise.race([admitted, givenUp]);
    } catch (error) {
      const place = this.#waiting.findIndex((waiting) => waiting.turn === turn);
      if (place >= 0) this.#waiting.splice(place, 1);
      else this.leave(); // admitted in the moment of giving up
      throw error;
    } finally {
      givenUp.catch(() => {});
      patience.abort();
    }
  }

  leave(): void {
    const next = this.#waiting.shift();
    this.#running = next?.turn;
    if (next === undefined) this.#lines.delete(keyOf(this.#sessionId, this.#thread));
    else next.admit();
  }

  #busy(): SessError {
    return new SessError(
      'BUSY',
      `Another turn runs on thread ${JSON.stringify(this.#thread)} of session ${JSON.stringify(this.#sessionId)}.`,
      { sessionId: this.#sessionId, thread: this.#thread, retryable: true },
    );
  }
}

function keyOf(sessionId: string, thread: string): string {
  return JSON.stringify([sessionId, thread]);
}
