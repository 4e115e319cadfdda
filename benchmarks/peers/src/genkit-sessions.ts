import type { SessionStore } from 'genkit/beta';
import type { Message, OpenContender } from '../../src/contender.ts';

const THREAD = 'main';

export const genkitHow =
  'ai.loadSession, then session.updateMessages with the whole thread: what chat.send does once the model has answered.';

export const genkitNotes: readonly string[] = [
  'Its SessionStore has only get and save: a turn reads and writes the whole session.',
  'Sessions can be neither listed nor deleted.',
  'Nothing notices that another process has saved in between: the last one to save wins.',
];

/** Genkit's sessions on a store. The messages are Genkit's own format already. */
export async function openGenkitSessions(store: SessionStore, close: () => Promise<void>): Promise<OpenContender> {
  const { genkit } = await import('genkit/beta');
  const ai = genkit({});
  const load = (sessionId: string) => ai.loadSession(sessionId, { store });
  const messagesOf = (session: Awaited<ReturnType<typeof load>>) =>
    (session.toJSON()?.threads?.[THREAD] ?? []) as readonly Message[];
  const history = async (sessionId: string) => messagesOf(await load(sessionId));

  return {
    async turn(sessionId, messages) {
      const session = await load(sessionId);
      const all = [...messagesOf(session), ...messages] as unknown as Parameters<typeof session.updateMessages>[1];
      await session.updateMessages(THREAD, all);
    },
    tail: async (sessionId, count) => (await history(sessionId)).slice(-count),
    history,
    close,
  };
}
