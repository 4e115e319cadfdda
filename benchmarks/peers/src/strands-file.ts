import { join } from 'node:path';
import type { Contender } from '../../src/contender.ts';
import { fromStrands, toStrands } from './strands-messages.ts';

export const strandsFile: Contender = {
  name: '@strands-agents/sdk',
  kind: 'peer',
  backend: 'file',
  packages: ['@strands-agents/sdk'],
  how: 'A new Agent with a SessionManager on LocalFileStorage is initialized, and its snapshot is saved with the new messages: what agent.invoke does around the model.',
  notes: [
    'A turn reads and writes the whole session.',
    'Nothing notices that another process has saved in between: the last one to save wins.',
    'Files are never synced to the disk.',
    'On agent.invoke its default conversation manager drops all but the newest 40 messages; it does not run here.',
    'Ids take lower-case letters, digits, - and _ only.',
    'Sessions cannot be listed.',
  ],
  async open({ url, namespace }) {
    const { Agent, BedrockModel, Message, SessionManager } = await import('@strands-agents/sdk');
    const { LocalFileStorage } = await import('@strands-agents/sdk/storage');
    const storage = new LocalFileStorage(join(url, namespace));
    const model = new BedrockModel({ modelId: 'is-never-called', region: 'us-east-1' });

    async function load(sessionId: string) {
      const sessionManager = new SessionManager({ sessionId, storage });
      const agent = new Agent({ model, sessionManager, printer: false });
      await agent.initialize();
      return { agent, sessionManager };
    }
    async function history(sessionId: string) {
      const { agent } = await load(sessionId);
      return fromStrands(agent.messages.map((message) => message.toJSON()));
    }

    return {
      async turn(sessionId, messages) {
        const { agent, sessionManager } = await load(sessionId);
        agent.messages.push(...messages.map((message) => Message.fromJSON(toStrands(message))));
        await sessionManager.saveSnapshot({ target: agent, isLatest: true });
      },
      tail: async (sessionId, count) => (await history(sessionId)).slice(-count),
      history,
      delete: (sessionId) => new SessionManager({ sessionId, storage }).deleteSession(),
      async close() {},
    };
  },
};
