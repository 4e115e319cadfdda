import type { SessionJournal } from './session-journal.ts';

/** The sessions that are in use, and those used last: no more than `limit` have their files open. */
export class OpenSessions {
  readonly #limit: number;
  /** Least recently used first. */
  readonly #sessions = new Map<string, { journal: SessionJournal; users: number }>();
  readonly #waiting: (() => void)[] = [];
  #users = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs an operation on a session, opening it with `open` where it is not. Waits while too many are in use. */
  async use<T>(
    name: string,
    open: () => SessionJournal,
    operation: (journal: SessionJournal) => Promise<T>,
  ): Promise<T> {
    if (this.#users >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#users += 1;
    const session = this.#sessions.get(name) ?? { journal: open(), users: 0 };
    this.#sessions.delete(name);
    this.#sessions.set(name, session);
    session.users += 1;
    try {
      return await operation(session.journal);
    } finally {
      session.users -= 1;
      await this.#closeUnused(this.#limit);
      const next = this.#waiting.shift();
      if (next) next();
      else this.#users -= 1;
    }
  }

  /** Closes all. Nothing may be in use. */
  async close(): Promise<void> {
    await this.#closeUnused(0);
  }

  async #closeUnused(limit: number): Promise<void> {
    for (const [name, { journal, users }] of this.#sessions) {
      if (this.#sessions.size <= limit) return;
      if (users > 0) continue;
      this.#sessions.delete(name);
      await journal.close();
    }
  }
}
