import { AsyncLocalStorage } from 'node:async_hooks';
import type { Session } from './session.ts';
import type { SessionReplica } from './session-replica.ts';
import type { ThreadLine } from './thread-line.ts';

/** A turn that runs around the code that asks. */
export interface SurroundingTurn {
  readonly line: ThreadLine;
  readonly replica: SessionReplica;
  readonly thread: string;
  /** Its id in the store. */
  readonly id: string;
  isOver: boolean;
}

export interface TurnContext {
  readonly session: Session;
  /** Outermost first. */
  readonly turns: readonly SurroundingTurn[];
}

/** Knows, inside a tool, a prompt, a model or `session.run`, which session and turns they belong to. */
export const turnContext: AsyncLocalStorage<TurnContext> = new AsyncLocalStorage();

/** The surrounding turns that are still running. */
export function surroundingTurns(): SurroundingTurn[] {
  return (turnContext.getStore()?.turns ?? []).filter(({ isOver }) => !isOver);
}

/** What a write inside turns of the same session demands: that they are still open. */
export function holdsOf(turns: readonly SurroundingTurn[], { store, id }: SessionReplica): Record<string, string> {
  const held = turns.filter(({ replica, isOver }) => !isOver && replica.store === store && replica.id === id);
  return Object.fromEntries(held.map((turn) => [turn.thread, turn.id]));
}
