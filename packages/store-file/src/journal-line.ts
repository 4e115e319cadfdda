import type { LiveSession, MessageData, SavedData, SessionChange, StoredSession } from '@sess/core/store';
import type { LiveBytes } from './live-bytes.ts';

/** Where the text of a line is in its file: the offset of its first byte, and its length. */
export interface LineRef {
  readonly at: number;
  readonly bytes: number;
}

/** Where a message is. Replaying handles these in place of the messages: what it costs does not depend on their size. */
export interface MessageRef {
  readonly line: LineRef;
  readonly index: number;
}

/** What replaying a journal yields: a session whose messages are MessageRefs, and whose state is a LineRef. */
export type StoredRefs = StoredSession<LineRef>;
export type LiveRefs = LiveSession<LineRef>;

/**
 * How far the writer of a line had read, always to the end of a line's text, and the checksum of all bytes before. A
 * reader that finds other bytes there knows that something was lost.
 */
export interface Witness {
  readonly read: number;
  readonly sum: string;
}

/** The first line of each file. */
export interface HeaderLine {
  /** The version of the format. */
  readonly sess: number;
  readonly id: string;
}

/** Messages of one thread that the write after it, or a checkpoint, refers to. By itself it means nothing. */
export interface MessagesLine {
  readonly messages: MessageData[];
}

/** A state that the write after it, or a checkpoint, refers to. By itself it means nothing. */
export interface StateLine {
  readonly state: unknown;
}

/** A line before a write, by its distance from that write's text: `[back, bytes]`. */
export type Before = readonly [back: number, bytes: number];

/** Where the content of a large write is, which itself then holds empty places for it. */
export interface Outside {
  readonly state?: Before;
  readonly threads: Record<string, (readonly [...Before, count: number])[]>;
}

/** A write. Applied if its conditions hold where it stands in the file; by its writer's clock and ttl, for all readers alike. */
export interface WriteLine extends Witness {
  readonly commit?: SessionChange;
  readonly save?: { readonly changeId: string; readonly data: SavedData };
  readonly delete?: true;
  readonly outside?: Outside;
  readonly now: number;
  readonly ttl?: number;
}

/** Where a checkpoint is: `[at, bytes]`. */
export type Place = readonly [at: number, bytes: number];

/**
 * A thread in a checkpoint: where its messages are. Those from index `from` on are in `lines`; those below in the
 * `lines` of older checkpoints: of `blocks`, oldest first, and of what the checkpoint `before` knows.
 */
export interface ThreadIndex {
  readonly from: number;
  readonly lines: readonly (readonly [...Place, count: number])[];
  readonly blocks?: readonly (readonly [from: number, ...Place])[];
  readonly before?: Place;
}

/** Everything known of the session after the first `read` bytes, without its content. Replaying can start here. */
export interface CheckpointLine extends Witness {
  readonly checkpoint: {
    /** The stored session without `threads` and `state`, or its tombstone. */
    readonly session: Record<string, unknown>;
    readonly state?: Place;
    readonly index: Record<string, ThreadIndex>;
    readonly live: LiveBytes;
  };
}

/** Ends a generation: no write behind it counts. */
export interface SealLine extends Witness {
  readonly seal: true;
}

/** Behind a seal: a successor that is complete. The first one that exists is the one. */
export interface NextLine extends Witness {
  readonly next: string;
}

/** Ends a file for good, if the session had expired, or was deleted an hour ago, by `now`. No write behind it counts. */
export interface GoneLine extends Witness {
  /** Unlike any other's, so that of several who end a file one knows that it was it. */
  readonly gone: string;
  readonly now: number;
}

export type JournalLine =
  | HeaderLine
  | MessagesLine
  | StateLine
  | WriteLine
  | CheckpointLine
  | SealLine
  | NextLine
  | GoneLine;
