// Checked by the compiler only: our data and stores, and Genkit's, are the same.
import type * as sess from '@sess/core';
import { type fullStore, memoryStore } from '@sess/core';
import type * as genkit from 'genkit/beta';

/** Compiles where `From` is assignable to `To`. */
type Assignable<From extends To, To> = From;

interface State {
  userName: string;
  visits?: number;
}

export type OursAreGenkits = [
  Assignable<sess.MessageData, genkit.MessageData>,
  Assignable<sess.Part, genkit.Part>,
  Assignable<sess.Role, genkit.Role>,
  Assignable<sess.SessionData, genkit.SessionData>,
  Assignable<sess.SessionData<State>, genkit.SessionData<State>>,
  Assignable<sess.SessionStore, genkit.SessionStore>,
  Assignable<sess.SessionStore<State>, genkit.SessionStore<State>>,
  Assignable<sess.FullSessionStore<State>, genkit.SessionStore<State>>,
  Assignable<sess.MemoryStore<State>, genkit.SessionStore<State>>,
  Assignable<sess.MessageData[], genkit.MessageData[]>,
];

export type GenkitsAreOurs = [
  Assignable<genkit.MessageData, sess.MessageData>,
  Assignable<genkit.Part, sess.Part>,
  Assignable<genkit.Role, sess.Role>,
  Assignable<genkit.SessionData, sess.SessionData>,
  Assignable<genkit.SessionData<State>, sess.SessionData<State>>,
  Assignable<genkit.SessionStore, sess.SessionStore>,
  Assignable<genkit.SessionStore<State>, sess.SessionStore<State>>,
  Assignable<genkit.MessageData[], sess.MessageData[]>,
  Assignable<genkit.SessionStore<State>, Parameters<typeof fullStore<State>>[0]>,
];

export type OthersAreNot = [
  // @ts-expect-error A role that Genkit does not know.
  Assignable<{ role: 'assistant'; content: [] }, sess.MessageData>,
  // @ts-expect-error A content that is a text.
  Assignable<{ role: 'user'; content: string }, sess.MessageData>,
  // @ts-expect-error A store of another state.
  Assignable<sess.SessionStore<{ count: number }>, genkit.SessionStore<State>>,
  // @ts-expect-error A store that only reads.
  Assignable<Pick<sess.SessionStore, 'get'>, sess.SessionStore>,
];

/** One part may be probed for each field, whatever its kind: ours as Genkit's. */
export function textOfPart(part: sess.Part | genkit.Part): string {
  return part.text ?? part.reasoning ?? part.toolRequest?.name ?? part.toolResponse?.name ?? part.media?.url ?? '';
}

/** A session of Genkit on a store of ours. */
export function onOurStore(ai: genkit.GenkitBeta): genkit.Session<State> {
  return ai.createSession<State>({ store: memoryStore<State>(), initialState: { userName: 'Pavel' } });
}
