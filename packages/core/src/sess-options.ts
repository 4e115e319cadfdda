import type { TurnOptions } from './chat-options.ts';
import type { Model } from './model.ts';
import type { Registry } from './registry.ts';
import type { SessionCreation, SessionReplica } from './session-replica.ts';
import type { StandardSchema } from './standard-schema.ts';
import type { SessionStore } from './store/index.ts';

/** Defaults for everything that is made with `sess()`. */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface SessOptions<S = any> extends TurnOptions<S> {
  /** Where sessions are kept. Default: in memory. */
  store?: SessionStore | undefined;
  /** Types and checks the state everywhere. Any Standard Schema (zod, valibot, …) that answers at once. */
  state?: StandardSchema<unknown, S> | undefined;
  /** Resolves names of models. */
  models?: ((name: string) => Model | undefined) | undefined;
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export interface CreateSessionOptions<S = any> {
  /**
   * Resumes this session where it exists, and creates it where it does not. Undefined, null or empty: a new one, with
   * an id of its own.
   */
  sessionId?: string | null | undefined;
  /** The state of a session that is created. */
  initialState?: S | undefined;
  /** Whose session it is. One that exists and is not this owner's is NOT_FOUND. */
  owner?: string | undefined;
  /** Title and labels of a session that is created. */
  metadata?: Record<string, unknown> | undefined;
  /** Where it is kept. Default: the store of `sess()`. */
  store?: SessionStore | undefined;
}

export interface LoadSessionOptions {
  /** A session of another owner, or of none, is NOT_FOUND. Undefined: nothing is checked. */
  owner?: string | undefined;
  /** Where it is kept. Default: the store of `sess()`. */
  store?: SessionStore | undefined;
}

/** What a session takes over from the `sess()` that made it. */
export interface SessionDefaults<S> {
  readonly turns: TurnOptions<S>;
  readonly schema: StandardSchema<unknown, S> | undefined;
  readonly registry: Registry;
  /** A replica of a session that does not exist yet, on the same store. */
  newReplica(creation: SessionCreation<S>): SessionReplica<S>;
}
