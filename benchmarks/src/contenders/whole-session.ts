import type { Message, OpenContender } from '../contender.ts';

/** A place for whole sessions. */
export interface Shelf {
  read(sessionId: string): Promise<readonly Message[] | undefined>;
  write(sessionId: string, messages: readonly Message[]): Promise<void>;
  list(): AsyncIterable<string>;
  delete(sessionId: string): Promise<void>;
  close(): Promise<void>;
}

/** The way of most tutorials: reads the whole session, and writes it back with the turn at its end. */
export function keepWhole({ read, write, ...shelf }: Shelf): OpenContender {
  const history = async (sessionId: string) => (await read(sessionId)) ?? [];
  return {
    ...shelf,
    history,
    tail: async (sessionId, count) => (await history(sessionId)).slice(-count),
    turn: async (sessionId, messages) => write(sessionId, [...(await history(sessionId)), ...messages]),
  };
}
