import type { Database } from './database.ts';
import { messageRange, parseRowKey, recordKey, runPrefix, stateKey } from './row-key.ts';

/**
 * Removes rows that no header refers to any more. Who still reads by an older header must find either the right row or
 * none, so that of the versions of one message the older ones go first.
 */
export class Purge {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All of a run that is over. */
  async run(pk: string, run: string): Promise<void> {
    const found = await this.#keys(pk, { prefix: runPrefix(run) });
    await this.#remove(pk, found);
  }

  /** What changes before `change` left of some messages. Rows that are only staged stay. */
  async messages(
    pk: string,
    run: string,
    { thread, from, to }: { thread: number; from: number; to: number },
    change: number,
  ): Promise<void> {
    const found = await this.#keys(pk, messageRange(run, thread, from, to));
    const tags = new Set(found.flatMap((sk) => tagOf(sk) ?? []));
    const committed = await this.#committed(pk, run, [...tags]);
    const dead = found.filter((sk) => {
      const key = parseRowKey(sk);
      if (key.kind !== 'message') return false;
      return (key.tag === undefined ? key.change : (committed.get(key.tag) ?? Number.POSITIVE_INFINITY)) < change;
    });
    await this.#remove(pk, dead);
  }

  /** The rows of a state that was staged. */
  async state(pk: string, run: string, { place, rows }: { place: string; rows: number }): Promise<void> {
    await this.#remove(
      pk,
      Array.from({ length: rows }, (_, part) => stateKey(run, place, part)),
    );
  }

  /** What was staged for one change, given between which keys it is. */
  async staged(
    pk: string,
    ranges: readonly ({ prefix: string } | { from: string; to: string })[],
    tag: string,
  ): Promise<void> {
    for (const range of ranges) {
      const found = await this.#keys(pk, range);
      await this.#remove(
        pk,
        found.filter((sk) => sk.includes(`~${tag}`)),
      );
    }
  }

  async #keys(pk: string, range: { prefix: string } | { from: string; to: string }): Promise<string[]> {
    const found: string[] = [];
    for await (const items of this.#database.rows(pk, range, { keysOnly: true })) {
      found.push(...items.map((item) => item.sk?.S ?? ''));
    }
    return found;
  }

  async #committed(pk: string, run: string, tags: readonly string[]): Promise<Map<string, number>> {
    const records = await this.#database.getAll(tags.map((tag) => ({ pk, sk: recordKey(run, tag) })));
    return new Map(records.flatMap(({ sk, change }) => (change ? [[tagOf(sk?.S ?? '') ?? '', Number(change.N)]] : [])));
  }

  async #remove(pk: string, sks: readonly string[]): Promise<void> {
    for (const group of inOrder(sks)) await this.#database.writeAll(group.map((sk) => ({ remove: { pk, sk } })));
  }
}

/** The keys in groups, each of which has to be gone before the next one goes. */
function inOrder(sks: readonly string[]): string[][] {
  const groups = new Map<number, string[]>();
  const add = (group: number, sk: string) => {
    const keys = groups.get(group);
    if (keys) keys.push(sk);
    else groups.set(group, [sk]);
  };
  let [place, order, rank] = ['', '', 0];
  for (const sk of [...sks].sort()) {
    const key = parseRowKey(sk);
    if (key.kind !== 'message') add(0, sk);
    else {
      const nextPlace = `${key.thread}/${key.index}`;
      if (nextPlace !== place) rank = 0;
      else if (key.order !== order) rank += 1;
      [place, order] = [nextPlace, key.order];
      add(rank, sk);
    }
  }
  return [...groups].sort(([one], [other]) => one - other).map(([, group]) => group);
}

function tagOf(sk: string): string | undefined {
  const key = parseRowKey(sk);
  return key.kind === 'state' ? undefined : key.tag;
}
