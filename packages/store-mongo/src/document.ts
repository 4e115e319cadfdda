import type { OpenTurn } from '@sess/core/store';

/**
 * The one document of a session that changes: everything but its older messages and a large state. Records are keyed by
 * `fieldOf(name)`. Messages, state and metadata are JSON text: BSON nests 100 levels only, and its numbers and field
 * names are not those of JSON.
 */
export interface SessionDocument {
  _id: string;
  life: string;
  changes: number;
  /** Ids of the newest changes, oldest first. */
  recent: string[];
  owner?: string;
  metadata: Record<string, string>;
  /** The state, unless it is large. */
  state?: string;
  /** Where a large state is: in the segment of this layout. */
  stateLayout?: number;
  stateVersion?: string;
  versions: Record<string, string>;
  lengths: Record<string, number>;
  turns: Record<string, OpenTurn>;
  tails: Record<string, Tail>;
  /** How many bytes of messages the tails hold. */
  size: number;
  /**
   * Counts the moves of messages and states to segments and away from them. A writer that refers to new segments does so
   * only where the layout is still the one that those segments carry, and raises it.
   */
  layout: number;
  createdAt: Date;
  updatedAt: Date;
  /** The last change of any kind. The session expires `ttl` ms after it. */
  writtenAt: Date;
  ttl?: number;
  /** MongoDB removes the document after this time. Well behind the expiry, so that it need not move with each change. */
  purgeAt?: Date;
  /** Instead of `purgeAt` where there are segments, which a sweep has to remove first. */
  sweepAt?: Date;
  /** There may be segments that nothing refers to any more. */
  garbage?: true;
}

/** The newest messages of a thread. */
export interface Tail {
  /** The index of the first of them; those before it are in segments. Absent: 0. */
  from?: number;
  /** The layout of the segment that holds the message before the first. Absent where that is not known. */
  top?: number;
  messages?: string[];
}

/** What is left of a session that was deleted or swept, for an hour. */
export interface TombstoneDocument {
  _id: string;
  /** Absent where there never was a session: then it only keeps a creation that has fallen asleep from waking up. */
  deletedLife?: string;
  deletedUntil: Date;
  /** Identifies the call that deleted the session. */
  deletedBy?: string;
  layout: number;
  purgeAt?: Date;
  sweepAt?: Date;
  garbage?: true;
}

export type HeaderDocument = SessionDocument | TombstoneDocument;

/**
 * Older messages of a thread, or a large state. Never changed. Of two segments with a message of the same index, the one
 * of the higher layout is right; no two of a thread have the same layout and part.
 */
export interface SegmentDocument {
  _id: string;
  session: string;
  life: string;
  layout: number;
  /** The field of the thread; empty for a state. */
  thread: string;
  part: number;
  /** The index of the first message, and that behind the last. */
  from: number;
  to: number;
  messages?: string[];
  /** The layout of the segment that holds the message before the first, where that is known. */
  below?: number;
  state?: string;
  /** No sweep has seen yet whether anything refers to it. */
  unchecked?: true;
}
