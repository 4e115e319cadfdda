import type { FullSessionStore } from '@sess/core/store';
import type { RunTime } from './run-time.ts';
import type { OpenedStore, PreviousSession } from './target.ts';

/** A store that a case has opened. A minimal one has `get` and `save` only; cases that use more require `full`. */
export interface CaseStore extends Omit<OpenedStore, 'store'> {
  readonly store: FullSessionStore;
}

/** What a case runs with. Everything it opens is closed when it ends. */
export interface CaseContext {
  /** The space of this case: no other case uses it. */
  readonly space: string;
  /** Where the target file is, for processes of their own. */
  readonly targetUrl: URL | undefined;
  /** For everything random in the case; printed when it fails. */
  readonly seed: number;
  /** Whether the store claims more than `get` and `save`. */
  readonly full: boolean;
  /** Opens a store on the case's space, or on a neighbour of it: `open({ neighbour: 'b' })`. Again: a second instance. */
  open(options?: { ttl?: number; time?: RunTime; neighbour?: string }): Promise<CaseStore>;
  /** The space that `open({ neighbour })` uses. */
  spaceOf(neighbour: string): string;
  /** Has the target write data of the previous release into the case's space. */
  previous(): Promise<readonly PreviousSession[]>;
  /** A time for stores with `ttl`: the kit's own clock where the target takes one, else the process's. */
  time(): RunTime;
}
