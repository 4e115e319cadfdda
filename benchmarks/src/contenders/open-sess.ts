import { type Session, sess } from '@sess/core';
import type { FullSessionStore, MessageData } from '@sess/core/store';
import type { Message, OpenContender } from '../contender.ts';

/** How much of a conversation a request loads: what a model is given. */
export const WINDOW = 20;

/** How sess is used on any store. */
export interface SessSetup {
  /**
   * The store of one request. One that keeps something of a session in memory is made anew each time, so that no request
   * profits from what its process has seen.
   */
  openStore(): FullSessionStore;
  /** Whether each request gets a store of its own. */
  readonly isCold: boolean;
  close(): Promise<void>;
}

/** What a web server does: a session of an id, a chat on it, an append. */
export function openSess({ openStore, isCold, close }: SessSetup): OpenContender {
  const shared = openStore();
  const known = new Map<string, { life: string; base: string; keep: number }>();
  let changes = 0;

  async function request<T>(sessionId: string, use: (session: Session) => Promise<T>): Promise<T> {
    const store = isCold ? openStore() : shared;
    try {
      return await use(sess({ store, window: WINDOW }).createSession({ sessionId }));
    } finally {
      if (isCold) await store.close();
    }
  }

  return {
    turn: (sessionId, messages) => request(sessionId, (session) => session.chat().append(messages.map(copyOf))),
    tail: (sessionId, count) => request(sessionId, (session) => read(session, { last: count })),
    history: (sessionId) => request(sessionId, (session) => read(session, {})),
    async append(sessionId, messages) {
      changes += 1;
      const changeId = `${process.pid}-${changes}`.padEnd(36, '-');
      const { life = null, base = null, keep = 0 } = known.get(sessionId) ?? {};
      await shared.commit(sessionId, {
        changeId,
        life,
        threads: { main: { base, keep, append: messages.map(copyOf) } },
      });
      known.set(sessionId, { life: life ?? changeId, base: changeId, keep: keep + messages.length });
    },
    async *list() {
      for await (const { id } of sess({ store: shared }).sessions.list()) yield id;
    },
    async delete(sessionId) {
      await sess({ store: shared }).sessions.delete(sessionId);
    },
    async close() {
      await shared.close();
      await close();
    },
  };
}

async function read(session: Session, range: { last?: number }): Promise<Message[]> {
  const messages = await session.history('main', range);
  return messages.map(({ role, content }) => ({ role, content }) as Message);
}

function copyOf({ role, content }: Message): MessageData {
  return { role, content: [...content] };
}
