import type { Item } from './request-failure.ts';
import { TIME_TO_LIVE_ATTRIBUTE } from './table-definition.ts';

/** How far (ms) the clocks of processes may be behind DynamoDB's without its removing what they still use. */
const CLOCK_MARGIN_MS = 3_600_000;

/** What prolonging all rows of a session may take (ms), however short the ttl is. */
const PROLONGING_MS = 60_000;

/** When (ms since the epoch) DynamoDB may remove the rows of a session; null: never. */
export type Horizon = number | null;

/** Far enough that the rows' time has to be prolonged once a ttl only, and that there is time to do it. */
export function newHorizon(now: number, ttl: number | undefined): Horizon {
  return ttl === undefined ? null : Math.ceil(now + 2 * ttl + PROLONGING_MS);
}

/** Whether rows with this horizon outlive a session that expires then, and go some time after it. */
export function covers(horizon: Horizon, expiresAt: number | undefined): boolean {
  return horizon === null ? expiresAt === undefined : expiresAt !== undefined && expiresAt <= horizon;
}

/** The attribute by which DynamoDB removes an item after that time. */
export function timeToLive(time: Horizon | undefined): Item {
  return time === null || time === undefined
    ? {}
    : { [TIME_TO_LIVE_ATTRIBUTE]: { N: String(Math.ceil((time + CLOCK_MARGIN_MS) / 1000)) } };
}
