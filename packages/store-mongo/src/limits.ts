const KB = 1024;

/** When the tails of a session hold more bytes than this, their older messages move to segments. */
export const TAIL_BYTES: number = 40 * KB;

/** How much of a large tail stays in the session's document: the messages that are read most. */
export const LEFT_BYTES: number = 8 * KB;

/** Segments are about this large, unless one message is larger. */
export const SEGMENT_BYTES: number = 256 * KB;

/** A larger state has a segment of its own. */
export const STATE_BYTES: number = 16 * KB;

/** What one document of MongoDB can hold besides its bookkeeping. */
export const MAX_VALUE_BYTES: number = 16 * KB * KB - 16 * KB;

/** Metadata is always in the session's document, together with the rest. */
export const MAX_METADATA_BYTES: number = 8 * KB * KB;

/** How long after the last expiry that could still move a document is purged, in ms. */
export const PURGE_SLACK_MS = 60_000;

/**
 * The latest purge of a document, in ms from now on. It must be a date of JavaScript: the driver writes what is none as the
 * year 1970, and the document would be purged at once.
 */
export const LONGEST_LIFE_MS = 8e15;
