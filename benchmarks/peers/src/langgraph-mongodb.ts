import type { BaseMessage } from '@langchain/core/messages';
import type { Contender } from '../../src/contender.ts';
import { durableWrites } from './durable-writes.ts';
import { langchainMessages } from './langchain-messages.ts';

export const langgraphMongodb: Contender = {
  name: '@langchain/langgraph',
  kind: 'peer',
  backend: 'mongodb',
  packages: ['@langchain/langgraph', '@langchain/langgraph-checkpoint-mongodb', '@langchain/core'],
  how: "graph.invoke of a MessagesAnnotation graph with one node, with durability 'exit', which writes least; w: majority, j: true.",
  notes: [
    'Each turn stores the whole history once more: 50 turns of 2 KB make 3.2 MB.',
    'A turn that is open is not stored: in its default durability it is, and a turn writes three times as much.',
    'Two turns at once make two branches, of which one is never seen again.',
    'A session ends at 16 MB, the size of a document.',
    'Sessions cannot be listed: list() gives all checkpoints with their contents.',
  ],
  async open({ url, namespace }) {
    const { MongoClient } = await import('mongodb-6');
    const { MongoDBSaver } = await import('@langchain/langgraph-checkpoint-mongodb');
    const { END, MessagesAnnotation, START, StateGraph } = await import('@langchain/langgraph');
    const { z } = await import('zod');
    const { toLangchain, fromLangchain } = await langchainMessages();

    const client = await new MongoClient(url, { writeConcern: durableWrites }).connect();
    const checkpointer = new MongoDBSaver({
      client,
      checkpointCollectionName: `${namespace}-checkpoints`,
      checkpointWritesCollectionName: `${namespace}-checkpoint-writes`,
    });
    const [error] = await checkpointer.setup();
    if (error !== undefined) throw error;
    const context = z.object({ answers: z.custom<BaseMessage[]>() });
    const graph = new StateGraph(MessagesAnnotation, context)
      .addNode('model', (_, { context }) => ({ messages: context?.answers ?? [] }))
      .addEdge(START, 'model')
      .addEdge('model', END)
      .compile({ checkpointer });

    const threadOf = (sessionId: string) => ({ configurable: { thread_id: sessionId } });
    const history = async (sessionId: string) => {
      const { values } = await graph.getState(threadOf(sessionId));
      return ((values.messages ?? []) as BaseMessage[]).map(fromLangchain);
    };

    return {
      async turn(sessionId, messages) {
        const [asked, ...answers] = messages.map(toLangchain);
        if (asked === undefined) return;
        await graph.invoke({ messages: [asked] }, { ...threadOf(sessionId), context: { answers }, durability: 'exit' });
      },
      tail: async (sessionId, count) => (await history(sessionId)).slice(-count),
      history,
      delete: (sessionId) => checkpointer.deleteThread(sessionId),
      close: () => client.close(),
    };
  },
};
