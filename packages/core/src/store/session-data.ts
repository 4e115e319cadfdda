import type { MessageData } from './message.ts';

/** What a caller writes and a minimal store keeps. The default thread is `main`. */
// biome-ignore lint/suspicious/noExplicitAny: Genkit's stores are written against `any`, and must stay assignable.
export interface SessionData<S = any> {
  id: string;
  state?: S;
  threads?: Record<string, MessageData[]>;
}

/** A turn that is under way on a thread. Its owner raises `beat` for as long as it lives. */
export interface OpenTurn {
  /** Identifies the turn. */
  id: string;
  /** When it was opened, in ms since the epoch, by its owner's clock. For people: nothing is decided by it. */
  at: number;
  /** For how long (ms) the same `beat` may be seen before the turn counts as abandoned. */
  leaseMs: number;
  /** A counter; any change of it shows that the owner is alive. */
  beat: number;
}

/** What a full store answers: the session, and what the store knows about it. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface SessionRecord<S = any> extends SessionData<S> {
  /** The id of the change that created this session. One that was deleted and created again has another. */
  readonly life: string;
  /** Per part, the id of the change that last wrote it; `state: null` where it was never written. */
  readonly versions: { readonly state: string | null; readonly threads: Readonly<Record<string, string>> };
  /** Messages per thread, also where they were not loaded. */
  readonly lengths: Readonly<Record<string, number>>;
  /** Per thread, the turn that is under way. */
  readonly openTurns?: Readonly<Record<string, OpenTurn>>;
  /** How many changes this life has seen. */
  readonly changes: number;
  /** In ms since the epoch. */
  readonly createdAt: number;
  /** In ms since the epoch: the last change of state, messages or metadata. */
  readonly updatedAt: number;
  /** In ms since the epoch; absent where the store has no `ttl`. */
  readonly expiresAt?: number;
  /** Set at creation, never changed. */
  readonly owner?: string;
  /** Title, labels, lineage. Absent when it has no keys. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Only on a partial read: per selected thread, the index of the first message loaded. */
  readonly partial?: { readonly offsets: Readonly<Record<string, number>> };
}

/** What `list` tells of a session, without loading its messages. */
export interface SessionInfo {
  readonly id: string;
  readonly owner?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly lengths: Readonly<Record<string, number>>;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly expiresAt?: number;
}
