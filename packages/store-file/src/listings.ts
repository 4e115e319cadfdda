import type { SessionInfo } from '@sess/core/store';

/** How many places are remembered at which somebody may go on. */
const REMEMBERED = 8;

/**
 * What a listing has found when it looked at every session, by the cursors that it answered: whoever goes on need not look
 * at all of them again. What has changed since is before the cursor, or no longer where it was found.
 */
export class Listings {
  readonly #found = new Map<string, readonly SessionInfo[]>();

  /** What was found by the listing that answered this cursor; undefined where that is forgotten, or was another process's. */
  before(cursor: string | undefined): readonly SessionInfo[] | undefined {
    return cursor === undefined ? undefined : this.#found.get(cursor);
  }

  /** Remembers what was found, for whoever goes on at the cursor; without one, the listing is at its end. */
  remember(found: readonly SessionInfo[], cursor: string | undefined): void {
    if (cursor === undefined) {
      for (const [at, infos] of this.#found) if (infos === found) this.#found.delete(at);
      return;
    }
    this.#found.delete(cursor);
    this.#found.set(cursor, found);
    const [oldest] = this.#found.keys();
    if (this.#found.size > REMEMBERED && oldest !== undefined) this.#found.delete(oldest);
  }
}
