import type { SessionOrder } from '@sess/core/store';

/**
 * The names of the keys. What stands in braces decides about the slot of a cluster: all sets of a list are in one, so
 * that a script can change them together; each session may be in another.
 */
export class KeyNames {
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  session(sessionId: string): string {
    return `${this.#prefix}s:${sessionId}`;
  }

  list(orderBy: SessionOrder, owner: string | undefined): string {
    return `${this.#prefix}{${owner === undefined ? 'list' : `owner:${owner}`}}:${orderBy}`;
  }

  /** The sets that a script about a list changes together. */
  sets(owner: string | undefined): string[] {
    const sets = [this.list('updatedAt', owner), this.list('createdAt', owner)];
    return owner === undefined ? [...sets, `${this.#prefix}{list}:expiring`] : sets;
  }
}
