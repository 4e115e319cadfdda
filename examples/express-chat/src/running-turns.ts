import type { Turn } from '@sess/core';

interface RunningTurn {
  readonly owner: string;
  readonly sessionId: string;
  readonly turn: Turn;
}

/** The turns that this process is running: to show them once more, to stop them, and to end with them. */
export class RunningTurns {
  readonly #running = new Set<RunningTurn>();

  add(running: RunningTurn): void {
    this.#running.add(running);
    const remove = () => this.#running.delete(running);
    running.turn.then(remove, remove);
  }

  /** The turns of a session, in the order in which they take place. */
  find(owner: string, sessionId: string): Turn[] {
    const own = [...this.#running].filter((running) => running.owner === owner && running.sessionId === sessionId);
    return own.map(({ turn }) => turn);
  }

  /** Resolves when no turn is running any more. Those that take longer than `graceMs` are aborted. */
  async end(graceMs: number): Promise<void> {
    const abortAll = () => {
      for (const { turn } of this.#running) turn.abort();
    };
    const timer = setTimeout(abortAll, graceMs);
    while (this.#running.size > 0) await Promise.allSettled(Array.from(this.#running, ({ turn }) => turn));
    clearTimeout(timer);
  }
}
