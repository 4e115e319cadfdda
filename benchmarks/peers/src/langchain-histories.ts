import type { BaseListChatMessageHistory } from '@langchain/core/chat_history';
import type { OpenContender } from '../../src/contender.ts';
import { type LangchainMessages, langchainMessages } from './langchain-messages.ts';

export const langchainHow = 'getMessages, then addMessages: what RunnableWithMessageHistory does in each call.';

/** LangChain's chat histories. A history is an object of one session. */
export async function openHistories(
  historyOf: (sessionId: string) => BaseListChatMessageHistory,
  close: () => Promise<void>,
  messages?: LangchainMessages,
): Promise<OpenContender> {
  const { toLangchain, fromLangchain } = messages ?? (await langchainMessages());
  const history = async (sessionId: string) => (await historyOf(sessionId).getMessages()).map(fromLangchain);

  return {
    async turn(sessionId, added) {
      const loaded = historyOf(sessionId);
      await loaded.getMessages();
      await loaded.addMessages(added.map(toLangchain));
    },
    tail: async (sessionId, count) => (await history(sessionId)).slice(-count),
    history,
    delete: (sessionId) => historyOf(sessionId).clear(),
    close,
  };
}
