import type { BaseMessage } from '@langchain/core/messages';
import type { Message, Part } from '../../src/contender.ts';

export interface LangchainMessages {
  toLangchain(message: Message): BaseMessage;
  fromLangchain(message: BaseMessage): Message;
}

/** LangChain's messages for ours. The package is loaded late, so that others run where it cannot be loaded. */
export async function langchainMessages(): Promise<LangchainMessages> {
  const { AIMessage, HumanMessage, ToolMessage } = await import('@langchain/core/messages');

  function toLangchain({ role, content }: Message): BaseMessage {
    const text = content.map((part) => ('text' in part ? part.text : '')).join('');
    if (role === 'user') return new HumanMessage(text);
    if (role === 'model') {
      const toolCalls = content.flatMap((part) =>
        'toolRequest' in part
          ? [{ id: part.toolRequest.ref, name: part.toolRequest.name, args: part.toolRequest.input as object }]
          : [],
      );
      return new AIMessage({ content: text, tool_calls: toolCalls });
    }
    const [part] = content;
    if (content.length !== 1 || part === undefined || !('toolResponse' in part)) {
      throw new TypeError('LangChain has a message for each tool response');
    }
    const { name, ref, output } = part.toolResponse;
    return new ToolMessage({ name, tool_call_id: ref, content: JSON.stringify(output) });
  }

  function fromLangchain(message: BaseMessage): Message {
    const text: Part[] = message.text === '' ? [] : [{ text: message.text }];
    if (message instanceof ToolMessage) {
      const { name = '', tool_call_id: ref } = message;
      return { role: 'tool', content: [{ toolResponse: { name, ref, output: JSON.parse(message.text) } }] };
    }
    if (message instanceof AIMessage) {
      const requests = (message.tool_calls ?? []).map(({ id = '', name, args }) => ({
        toolRequest: { name, ref: id, input: args },
      }));
      return { role: 'model', content: [...text, ...requests] };
    }
    return { role: 'user', content: text };
  }

  return { toLangchain, fromLangchain };
}
