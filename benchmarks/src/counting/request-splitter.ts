/** The requests that are whole once something more has arrived. */
export interface Requests {
  readonly count: number;
  readonly bytes: number;
}

/** Finds the requests in what one connection's client sends. */
export interface RequestSplitter {
  take(data: Buffer): Requests;
}
