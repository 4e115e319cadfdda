import { type FullSessionStore, type OpenTurn, own, type SessionRecord } from './store/index.ts';

/** What was last seen of a turn, and since when, in ms of this process's monotonic clock. */
interface Sighting {
  mark: string;
  since: number;
}

/** Turns that are watched, or were given up, are few; of those that nobody asks about any more, the oldest go. */
const MAX_REMEMBERED = 1000;

const sightingsOfStores = new WeakMap<FullSessionStore, Map<string, Sighting>>();
const givenUpTurns = new Set<string>();

/** What a reader may conclude from what it has seen of an open turn. */
export type TurnSign = 'new' | 'same' | 'alive' | 'abandoned';

/**
 * Notes that an open turn was seen, and tells what follows: it is `alive` where it has moved since it was last seen,
 * and `abandoned` where it has not for as long as its lease. No two clocks are compared. What was seen is kept for the
 * whole process, so that it also counts where each request loads the session anew.
 *
 * @param askedAt When the read began: what a slow store answers may be as old as that.
 */
export function seeOpenTurn(
  store: FullSessionStore,
  record: SessionRecord,
  thread: string,
  turn: OpenTurn,
  askedAt: number,
): TurnSign {
  if (givenUpTurns.has(turn.id)) return 'abandoned';
  const sightings = sightingsOfStores.get(store) ?? new Map<string, Sighting>();
  sightingsOfStores.set(store, sightings);
  const key = JSON.stringify([record.id, thread, turn.id]);
  const mark = JSON.stringify([turn.beat, own(record.versions.threads, thread)]);
  const seen = sightings.get(key);
  if (seen?.mark === mark) return askedAt - seen.since >= turn.leaseMs ? 'abandoned' : 'same';
  sightings.delete(key); // to the end of the map
  sightings.set(key, { mark, since: performance.now() });
  forgetOldest(sightings);
  return seen === undefined ? 'new' : 'alive';
}

/** Lets a turn of this process, which could not be closed in the store, be taken over at once. */
export function giveUpTurn(turn: string): void {
  givenUpTurns.add(turn);
  forgetOldest(givenUpTurns);
}

function forgetOldest(remembered: Map<string, unknown> | Set<string>): void {
  const [oldest] = remembered.keys();
  if (oldest !== undefined && remembered.size > MAX_REMEMBERED) remembered.delete(oldest);
}
