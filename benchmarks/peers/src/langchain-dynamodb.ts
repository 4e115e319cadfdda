import type { ToolCall } from '@langchain/core/messages';
import type { Contender } from '../../src/contender.ts';
import { clientConfig, createTable } from './dynamodb-table.ts';
import { langchainHow, openHistories } from './langchain-histories.ts';
import { type LangchainMessages, langchainMessages } from './langchain-messages.ts';

export const langchainDynamodb: Contender = {
  name: '@langchain/community',
  kind: 'peer',
  backend: 'dynamodb',
  packages: ['@langchain/community', '@langchain/core'],
  how: `${langchainHow} All histories share connections. Tool calls and results are where it keeps them: in additional_kwargs.`,
  notes: [
    'It drops tool_calls, and one ToolMessage makes its history unreadable for good: results are a ChatMessage of the role tool here.',
    'A session is one item: each turn reads all of it, and it ends at 400 KB.',
    'Reads are eventually consistent, so that a turn may miss the one before; that is not to be had otherwise.',
    'Sessions cannot be listed.',
  ],
  async open({ url, namespace }) {
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    const { DynamoDBChatMessageHistory } = await import('@langchain/community/stores/message/dynamodb');
    const client = new DynamoDBClient(clientConfig(url));
    const config = { ...clientConfig(url), requestHandler: client.config.requestHandler };
    const tableName = `${namespace}-histories`;
    await createTable(client, {
      TableName: tableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    });
    return openHistories(
      (sessionId) => new DynamoDBChatMessageHistory({ tableName, sessionId, config }),
      async () => client.destroy(),
      await messagesThatItKeeps(),
    );
  },
};

/** Of a message it keeps the content, the role and the additional_kwargs. */
async function messagesThatItKeeps(): Promise<LangchainMessages> {
  const { AIMessage, ChatMessage, ToolMessage } = await import('@langchain/core/messages');
  const { toLangchain, fromLangchain } = await langchainMessages();
  return {
    toLangchain(message) {
      const converted = toLangchain(message);
      if (converted instanceof ToolMessage) {
        const { content, name, tool_call_id } = converted;
        return new ChatMessage({ role: 'tool', content, additional_kwargs: { name, tool_call_id } });
      }
      if (!(converted instanceof AIMessage) || converted.tool_calls?.length === 0) return converted;
      const { content, tool_calls } = converted;
      return new AIMessage({ content, additional_kwargs: { calls: tool_calls } });
    },
    fromLangchain(message) {
      const { content, additional_kwargs } = message;
      if (message instanceof ChatMessage) {
        const { name, tool_call_id } = additional_kwargs as { name: string; tool_call_id: string };
        return fromLangchain(new ToolMessage({ content, name, tool_call_id }));
      }
      if (!(message instanceof AIMessage) || additional_kwargs.calls === undefined) return fromLangchain(message);
      const { calls } = additional_kwargs as { calls: ToolCall[] };
      return fromLangchain(new AIMessage({ content, tool_calls: calls }));
    },
  };
}
