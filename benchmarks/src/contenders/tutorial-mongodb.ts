import { MongoClient } from 'mongodb';
import type { Contender, Message } from '../contender.ts';
import { DATABASE, WRITE_CONCERN } from './mongodb-settings.ts';
import { keepWhole } from './whole-session.ts';

interface SessionDocument {
  readonly _id: string;
  readonly messages: Message[];
}

const notes = ['A session may have 16 MB.'];

async function connect(url: string, namespace: string) {
  const client = await new MongoClient(url, { writeConcern: WRITE_CONCERN }).connect();
  const sessions = client.db(DATABASE).collection<SessionDocument>(`${namespace}_sessions`);
  return {
    sessions,
    read: async (sessionId: string) => (await sessions.findOne({ _id: sessionId }))?.messages,
    async *list() {
      for await (const { _id } of sessions.find({}, { projection: { _id: 1 } })) yield _id;
    },
    async delete(sessionId: string) {
      await sessions.deleteOne({ _id: sessionId });
    },
    close: () => client.close(),
  };
}

export const tutorialMongodbReplace: Contender = {
  name: 'one document, replaced',
  kind: 'tutorial',
  backend: 'mongodb',
  packages: ['mongodb'],
  how: 'Finds the document of the session and replaces it with each turn.',
  notes: [...notes, 'Two writers overwrite one another.'],
  async open({ url, namespace }) {
    const { sessions, ...shelf } = await connect(url, namespace);
    return keepWhole({
      ...shelf,
      async write(sessionId, messages) {
        await sessions.replaceOne({ _id: sessionId }, { messages: [...messages] }, { upsert: true });
      },
    });
  },
};

export const tutorialMongodbPush: Contender = {
  name: 'one document, $push',
  kind: 'tutorial',
  backend: 'mongodb',
  packages: ['mongodb'],
  how: 'Finds the last 20 messages of the document of the session by $slice, and pushes the turn.',
  notes,
  async open({ url, namespace }) {
    const { sessions, read, ...shelf } = await connect(url, namespace);
    const tail = async (_id: string, count: number) =>
      (await sessions.findOne({ _id }, { projection: { messages: { $slice: -count } } }))?.messages ?? [];
    return {
      ...shelf,
      tail,
      history: async (sessionId) => (await read(sessionId)) ?? [],
      async turn(sessionId, messages) {
        await tail(sessionId, 20);
        await sessions.updateOne(
          { _id: sessionId },
          { $push: { messages: { $each: [...messages] } } },
          { upsert: true },
        );
      },
    };
  },
};
