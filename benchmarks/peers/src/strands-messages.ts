import type { JSONValue, MessageData } from '@strands-agents/sdk';
import type { Message, Part } from '../../src/contender.ts';

/** Strands' messages have no role `tool`: the user's side answers with the results of tools. */
export function toStrands({ role, content }: Message): MessageData {
  return { role: role === 'model' ? 'assistant' : 'user', content: content.map(toBlock) };
}

/** All messages at once: the name of a tool is in its call only. */
export function fromStrands(messages: readonly MessageData[]): Message[] {
  const toolNames = new Map<string, string>();
  return messages.map(({ role, content }): Message => {
    const parts = content.map((block): Part => {
      if ('text' in block) return { text: block.text };
      if ('toolUse' in block) {
        const { name, toolUseId: ref, input } = block.toolUse;
        toolNames.set(ref, name);
        return { toolRequest: { name, ref, input } };
      }
      if ('toolResult' in block) {
        const { toolUseId: ref, content } = block.toolResult;
        const [result] = content;
        const output = result !== undefined && 'json' in result ? result.json : undefined;
        return { toolResponse: { name: toolNames.get(ref) ?? '', ref, output } };
      }
      throw new TypeError(`a block that was never stored: ${Object.keys(block)}`);
    });
    if (role === 'assistant') return { role: 'model', content: parts };
    return { role: parts.some((part) => 'toolResponse' in part) ? 'tool' : 'user', content: parts };
  });
}

function toBlock(part: Part): MessageData['content'][number] {
  if ('text' in part) return { text: part.text };
  if ('toolRequest' in part) {
    const { name, ref, input } = part.toolRequest;
    return { toolUse: { name, toolUseId: ref, input: input as JSONValue } };
  }
  const { ref, output } = part.toolResponse;
  return { toolResult: { toolUseId: ref, status: 'success', content: [{ json: output as JSONValue }] } };
}
