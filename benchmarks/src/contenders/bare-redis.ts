import { Redis } from 'ioredis';
import type { Contender, Message } from '../contender.ts';
import { redisSessionIds } from './redis-session-ids.ts';

export const bareIoredis: Contender = {
  name: 'bare ioredis',
  kind: 'bare',
  backend: 'redis',
  packages: ['ioredis'],
  how: 'One RPUSH of the JSON of the turn, the cheapest durable write; LRANGE loads the last 10 turns.',
  notes: ['A repeated write is stored twice, and nothing tells a session that is gone from one that is empty.'],
  async open({ url, namespace }) {
    const client = new Redis(url);
    const keyOf = (sessionId: string) => `${namespace}:${sessionId}`;
    const append = async (sessionId: string, messages: readonly Message[]) => {
      await client.rpush(keyOf(sessionId), JSON.stringify(messages));
    };
    const read = async (sessionId: string, turns: number) =>
      messagesOf(await client.lrange(keyOf(sessionId), -turns, -1));
    return {
      async turn(sessionId, messages) {
        await read(sessionId, 10); // of two messages each, as a rule
        await append(sessionId, messages);
      },
      append,
      tail: async (sessionId, count) => (await read(sessionId, count)).slice(-count),
      history: async (sessionId) => messagesOf(await client.lrange(keyOf(sessionId), 0, -1)),
      list: () => redisSessionIds(client, `${namespace}:`),
      async delete(sessionId) {
        await client.unlink(keyOf(sessionId));
      },
      close: async () => client.disconnect(),
    };
  },
};

function messagesOf(turns: readonly string[]): Message[] {
  return turns.flatMap((turn) => JSON.parse(turn));
}
