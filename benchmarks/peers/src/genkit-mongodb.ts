import type { SessionData, SessionStore } from 'genkit/beta';
import type { Contender } from '../../src/contender.ts';
import { durableWrites } from './durable-writes.ts';
import { genkitHow, genkitNotes, openGenkitSessions } from './genkit-sessions.ts';

export const genkitMongodb: Contender = {
  name: 'genkit',
  kind: 'peer',
  backend: 'mongodb',
  packages: ['genkit', 'mongodb'],
  how: `${genkitHow} The store keeps the session as one document, with w: majority and j: true.`,
  notes: [...genkitNotes, 'A session ends at 16 MB, the size of a document.'],
  async open({ url, namespace }) {
    const { MongoClient } = await import('mongodb');
    const client = await new MongoClient(url, { writeConcern: durableWrites }).connect();
    const sessions = client.db().collection<Omit<SessionData, 'id'> & { _id: string }>(`${namespace}-sessions`);
    const store: SessionStore = {
      async get(sessionId) {
        const found = await sessions.findOne({ _id: sessionId });
        if (found === null) return undefined;
        const { _id, ...data } = found;
        return { id: _id, ...data };
      },
      async save(sessionId, data) {
        await sessions.replaceOne({ _id: sessionId }, data, { upsert: true });
      },
    };
    return openGenkitSessions(store, () => client.close());
  },
};
