import { MongoClient } from 'mongodb';
import type { Contender, Message } from '../contender.ts';
import { DATABASE, WRITE_CONCERN } from './mongodb-settings.ts';

interface TurnDocument {
  readonly session: string;
  readonly number: number;
  readonly messages: string;
}

export const bareMongodb: Contender = {
  name: 'bare mongodb',
  kind: 'bare',
  backend: 'mongodb',
  packages: ['mongodb'],
  how: 'One insertOne of a document with the JSON of the turn, the cheapest durable write; loads the last 10 turns.',
  notes: ['A repeated write is stored twice, and two writers of a session may give their turns the same number.'],
  async open({ url, namespace }) {
    const client = await new MongoClient(url, { writeConcern: WRITE_CONCERN }).connect();
    const turns = client.db(DATABASE).collection<TurnDocument>(`${namespace}_turns`);
    await turns.createIndex({ session: 1, number: 1 });
    const lengths = new Map<string, number>();

    async function insert(session: string, number: number, messages: readonly Message[]): Promise<void> {
      lengths.set(session, number);
      await turns.insertOne({ session, number, messages: JSON.stringify(messages) });
    }
    const newest = (session: string, count: number) =>
      turns.find({ session }).sort({ number: -1 }).limit(count).toArray();

    return {
      async turn(sessionId, messages) {
        const [last] = await newest(sessionId, 10);
        await insert(sessionId, (last?.number ?? 0) + 1, messages);
      },
      append: (sessionId, messages) => insert(sessionId, (lengths.get(sessionId) ?? 0) + 1, messages),
      tail: async (sessionId, count) => messagesOf((await newest(sessionId, count)).reverse()).slice(-count),
      history: async (session) => messagesOf(await turns.find({ session }).sort({ number: 1 }).toArray()),
      async *list() {
        for (const id of await turns.distinct('session')) yield id;
      },
      async delete(session) {
        await turns.deleteMany({ session });
      },
      close: () => client.close(),
    };
  },
};

function messagesOf(documents: readonly TurnDocument[]): Message[] {
  return documents.flatMap(({ messages }) => JSON.parse(messages));
}
