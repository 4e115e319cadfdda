import type { Item } from './request-failure.ts';

/** How many headers (up to 2 KB each, as a rule) are kept. */
const KEPT = 1_000;

/**
 * The headers that were seen last. Each write is conditional on the header that it was made for, so that one which is
 * out of date costs another try and nothing else; one that is not spares a read before the write.
 */
export class HeaderCache {
  readonly #items = new Map<string, Item>();

  get(sessionId: string): Item | undefined {
    return this.#items.get(sessionId);
  }

  set(sessionId: string, item: Item | undefined): void {
    this.#items.delete(sessionId);
    if (item === undefined) return;
    this.#items.set(sessionId, item);
    if (this.#items.size <= KEPT) return;
    for (const oldest of this.#items.keys()) {
      this.#items.delete(oldest);
      return;
    }
  }
}
