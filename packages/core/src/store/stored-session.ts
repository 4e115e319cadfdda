import type { SessionRecord } from './session-data.ts';

/** How many change ids a session remembers, so that a repeated change is recognised after others wrote. */
export const REMEMBERED_CHANGES = 16;

/** How long (ms) a deleted session leaves a tombstone. */
export const TOMBSTONE_MS = 3_600_000;

/** What a store keeps of a session: the whole record, and the ids of its newest changes. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface LiveSession<S = any> extends SessionRecord<S> {
  /** Ids of the last 16 changes, oldest first. */
  readonly recent: readonly string[];
}

/** What a store keeps of a deleted session, for an hour: enough to refuse a late retry of its creation. */
export interface Tombstone {
  readonly id: string;
  readonly life: string;
  /** When it may be swept, in ms since the epoch. */
  readonly deletedUntil: number;
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export type StoredSession<S = any> = LiveSession<S> | Tombstone;

/** Whether the session is there at `now`: neither deleted nor expired. */
export function isLive<S extends object>(
  stored: S | Tombstone | undefined,
  now: number,
): stored is Exclude<S, Tombstone> {
  if (!stored || 'deletedUntil' in stored) return false;
  const { expiresAt } = stored as { expiresAt?: number };
  return !expiresAt || expiresAt > now;
}

/** Whether a sweep may remove what is kept: an expired session, or a tombstone that is an hour old. */
export function isSweepable(stored: StoredSession, now: number): boolean {
  return 'deletedUntil' in stored ? stored.deletedUntil <= now : !isLive(stored, now);
}
