/** A part of a message, in the format that sess shares with Genkit. */
export type Part =
  | { readonly text: string }
  | { readonly toolRequest: { readonly name: string; readonly ref: string; readonly input: unknown } }
  | { readonly toolResponse: { readonly name: string; readonly ref: string; readonly output: unknown } };

/** What every contender is given to store, and has to give back. */
export interface Message {
  readonly role: 'user' | 'model' | 'tool';
  readonly content: readonly Part[];
}

export type Backend = 'file' | 'redis' | 'mongodb' | 'dynamodb';

/** Where a contender keeps its sessions during one workload. */
export interface Place {
  /** The server's URL (through the proxy that counts), or the path of a folder that is there and empty. */
  readonly url: string;
  /** Begins the name of each key, table, collection or file, so that contenders never meet. Letters, digits and `-`. */
  readonly namespace: string;
  /** Whether files are synced to the disk before a turn is acknowledged. Servers are configured by themselves. */
  readonly fsync: boolean;
}

/** Something that can keep chat sessions: sess, the bare driver, the way of a tutorial, or a peer. */
export interface Contender {
  /** Short, and alike for nobody else on its backend. */
  readonly name: string;
  readonly kind: 'sess' | 'bare' | 'tutorial' | 'peer';
  readonly backend: Backend;
  /** The npm packages whose versions are shown. */
  readonly packages: readonly string[];
  /** One sentence: which way of using it was taken, and why it is its best. */
  readonly how: string;
  /** What it cannot do, or does not promise, in one sentence each; shown beside its figures. */
  readonly notes?: readonly string[];
  /** Connects. What is needed once (a table, an index) is made here. */
  open(place: Place): Promise<OpenContender>;
}

export interface OpenContender {
  /**
   * One request of a web server: loads the session as a process does that has never seen it (creating it where there is
   * none), appends the messages, and saves. Resolves when it is acknowledged; rejects when it is refused.
   */
  turn(sessionId: string, messages: readonly Message[]): Promise<void>;
  /** The newest `count` messages, oldest first, as a process reads them that has never seen the session. */
  tail(sessionId: string, count: number): Promise<readonly Message[]>;
  /**
   * Appends without reading first, as a process that has written to the session before: the workload `commit` compares
   * this. Nobody else writes to the session.
   */
  append?(sessionId: string, messages: readonly Message[]): Promise<void>;
  /** All messages. */
  history(sessionId: string): Promise<readonly Message[]>;
  /** Lists the ids of all sessions of this place. Absent where that is not possible; `notes` says so. */
  list?(): AsyncIterable<string>;
  /** Deletes a session with all that belongs to it. Absent where that is not possible. */
  delete?(sessionId: string): Promise<void>;
  close(): Promise<void>;
}
