/** What an operation has cost. */
export interface Cost {
  /** Requests that were sent without waiting for an answer count as one. With files: syncs, which are what takes time. */
  readonly roundTrips: number;
  /** Bytes to the server, or written to files. */
  readonly sent: number;
  /** Bytes from the server, or read from files. */
  readonly received: number;
}

/** Counts what passes. */
export interface Counter {
  /** What has passed since the last call. */
  take(): Cost;
}

export const NOTHING: Cost = { roundTrips: 0, sent: 0, received: 0 };
