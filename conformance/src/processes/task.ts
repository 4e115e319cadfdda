/** What a forked process is told to do. */
export type Task =
  | {
      /** Appends pairs of messages to a thread, one change each, as often as it takes. */
      readonly kind: 'append';
      readonly sessionId: string;
      readonly thread: string;
      readonly writer: string;
      /** How many pairs; null: until it is killed. */
      readonly count: number | null;
      /** How long the text of each message is, in characters. */
      readonly textLength: number;
    }
  | {
      /** Tries to create sessions. */
      readonly kind: 'create';
      readonly sessionIds: readonly string[];
      readonly writer: string;
    };

/** What a forked process is started with. */
export interface WorkerOptions {
  readonly targetUrl: string;
  readonly space: string;
  readonly task: Task;
}

/** What a forked process tells. */
export type WorkerMessage =
  | { readonly kind: 'ready' }
  /** A change was acknowledged by the store. */
  | { readonly kind: 'landed'; readonly name: string }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly reason: string };

/** The text of the message of that name, which a damaged copy would not equal. */
export function textOf(name: string, length: number): string {
  return `${name} ${`${name};`.repeat(Math.ceil(length / (name.length + 1))).slice(0, length)}`;
}
