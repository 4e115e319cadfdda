import type { SessionStore } from 'genkit/beta';
import type { Contender } from '../../src/contender.ts';
import { genkitHow, genkitNotes, openGenkitSessions } from './genkit-sessions.ts';

export const genkitRedis: Contender = {
  name: 'genkit',
  kind: 'peer',
  backend: 'redis',
  packages: ['genkit', 'redis'],
  how: `${genkitHow} The store keeps the session as JSON under one key.`,
  notes: genkitNotes,
  async open({ url, namespace }) {
    const { createClient } = await import('redis');
    const client = await createClient({ url }).connect();
    const store: SessionStore = {
      async get(sessionId) {
        const text = await client.get(`${namespace}:${sessionId}`);
        return text === null ? undefined : JSON.parse(text);
      },
      async save(sessionId, data) {
        await client.set(`${namespace}:${sessionId}`, JSON.stringify(data));
      },
    };
    return openGenkitSessions(store, () => client.close());
  },
};
