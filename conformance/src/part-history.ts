/** One call that told the version of a part: a read, a conflict, or a change that landed. */
export interface PartEvent {
  /** When the call began and ended, counted in events, not in ms. */
  readonly invoked: number;
  readonly answered: number;
  /** The version that the call told, or wrote. */
  readonly version: string | null;
  /** With a change that landed: the version that it replaced. */
  readonly base?: string | null;
  /** For the message: `writer 2 read`. */
  readonly what: string;
}

/**
 * Why a history of a part is not linearizable: undefined where it is. Each change names the version that it replaced, so
 * the order of changes is known, and it is left to place each call between its beginning and its end.
 */
export function linearizationProblem(initial: string | null, events: readonly PartEvent[]): string | undefined {
  const writes = new Map<string | null, PartEvent>();
  for (const event of events) {
    if (event.base === undefined) continue;
    const rival = writes.get(event.base);
    if (rival !== undefined) return `${rival.what} and ${event.what} both landed on version ${event.base}`;
    writes.set(event.base, event);
  }

  const order = new Map<string | null, number>([[initial, 0]]);
  const chain: PartEvent[] = [];
  for (let write = writes.get(initial); write !== undefined; write = writes.get(write.version)) {
    chain.push(write);
    order.set(write.version, chain.length);
  }
  const lost = [...writes.values()].find((write) => !chain.includes(write));
  if (lost !== undefined) return `${lost.what} landed on version ${lost.base}, which was never the present one`;

  const observers = events.filter(({ base }) => base === undefined);
  const unknown = observers.find(({ version }) => !order.has(version));
  if (unknown !== undefined) return `${unknown.what} told version ${unknown.version}, which nobody wrote`;

  // As early as possible, in the order of versions: whatever cannot be placed then cannot be placed at all.
  let earliest = 0;
  for (let place = 0; place <= chain.length; place += 1) {
    const write = chain[place - 1];
    if (write !== undefined) {
      earliest = Math.max(earliest, write.invoked);
      if (earliest > write.answered) return `${write.what} ended before a call that had seen what came before it`;
    }
    const written = earliest;
    for (const observer of observers.filter(({ version }) => order.get(version) === place)) {
      const at = Math.max(written, observer.invoked);
      if (at > observer.answered) return `${observer.what} told version ${observer.version} before it was written`;
      earliest = Math.max(earliest, at);
    }
    const next = chain[place];
    if (next !== undefined && earliest > next.answered) {
      const late = observers.find((it) => order.get(it.version) === place && it.invoked > next.answered);
      return `${late?.what ?? 'a call'} told version ${place === 0 ? initial : chain[place - 1]?.version}, which ${next.what} had replaced before`;
    }
  }
  return undefined;
}
