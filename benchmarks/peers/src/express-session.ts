import type { SessionData, Store } from 'express-session';
import type { Message, OpenContender } from '../../src/contender.ts';

export const expressSessionHow =
  'get, push onto the messages in the session, set: what express-session does around a request.';

export const expressSessionNotes: readonly string[] = [
  'A turn reads and writes the whole session.',
  'Nothing notices that another process has saved in between: the last one to save wins.',
];

/** Messages in the sessions of express-session, kept by one of its stores. */
export function openExpressSessions(
  store: Store,
  close: () => Promise<void>,
): OpenContender & Required<Pick<OpenContender, 'delete'>> {
  const load = (sessionId: string) =>
    new Promise<SessionData & { messages: Message[] }>((resolve, reject) => {
      store.get(sessionId, (error, session) => {
        // As express-session does: a file that is not there is a new session.
        if (error && error.code !== 'ENOENT') reject(error);
        else resolve({ cookie: { originalMaxAge: null }, messages: [], ...session });
      });
    });
  const history = async (sessionId: string) => (await load(sessionId)).messages;

  return {
    async turn(sessionId, messages) {
      const session = await load(sessionId);
      session.messages.push(...messages);
      await new Promise<void>((resolve, reject) => {
        store.set(sessionId, session, (error) => (error ? reject(error) : resolve()));
      });
    },
    tail: async (sessionId, count) => (await history(sessionId)).slice(-count),
    history,
    delete: (sessionId) =>
      new Promise((resolve, reject) => {
        store.destroy(sessionId, (error) => (error ? reject(error) : resolve()));
      }),
    close,
  };
}
