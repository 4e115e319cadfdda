import { randomUUID } from 'node:crypto';
import type { MastraDBMessage } from '@mastra/core/agent/message-list';
import type { Message, Part } from '../../src/contender.ts';

type MastraPart = MastraDBMessage['content']['parts'][number];

/** Mastra's messages have no role `tool`: a call, its result and the answer are parts of one message of the assistant. */
export function toMastra(
  messages: readonly Message[],
  { threadId, resourceId, after }: { threadId: string; resourceId: string; after: number },
): MastraDBMessage[] {
  const converted: MastraDBMessage[] = [];
  let createdAt = Math.max(Date.now(), after + 1); // its only order, so no two may be alike
  let previous: Message | undefined;
  for (const message of messages) {
    const role = message.role === 'user' ? 'user' : 'assistant';
    const last = converted.at(-1);
    if (message.role === 'tool') {
      for (const part of message.content) setResult(last, part);
    } else if (previous?.role === 'tool' && role === 'assistant') {
      last?.content.parts.push(...message.content.map(toPart));
    } else {
      const content = { format: 2 as const, parts: message.content.map(toPart) };
      converted.push({ id: randomUUID(), role, threadId, resourceId, createdAt: new Date(createdAt), content });
      createdAt += 1;
    }
    previous = message;
  }
  return converted;
}

export function fromMastra({ role, content: { parts } }: MastraDBMessage): Message[] {
  if (role === 'user') return [{ role, content: parts.flatMap(textOf) }];
  const messages: Message[] = [];
  let content: Part[] = [];
  for (const part of parts) {
    content.push(...textOf(part));
    if (part.type !== 'tool-invocation') continue;
    const { toolName: name, toolCallId: ref, args } = part.toolInvocation;
    messages.push({ role: 'model', content: [...content, { toolRequest: { name, ref, input: args } }] });
    content = [];
    if (part.toolInvocation.state !== 'result') continue;
    const output: unknown = part.toolInvocation.result;
    messages.push({ role: 'tool', content: [{ toolResponse: { name, ref, output } }] });
  }
  if (content.length > 0) messages.push({ role: 'model', content });
  return messages;
}

function toPart(part: Part): MastraPart {
  if ('text' in part) return { type: 'text', text: part.text };
  if ('toolResponse' in part) throw new TypeError('a tool response belongs into a message of the role tool');
  const { name, ref, input } = part.toolRequest;
  return {
    type: 'tool-invocation',
    toolInvocation: { state: 'call', toolCallId: ref, toolName: name, args: input },
  };
}

function setResult(message: MastraDBMessage | undefined, part: Part): void {
  if (!('toolResponse' in part)) throw new TypeError('a message of the role tool has tool responses only');
  const { ref, output } = part.toolResponse;
  const call = message?.content.parts.find(
    (it) => it.type === 'tool-invocation' && it.toolInvocation.toolCallId === ref,
  );
  if (call?.type !== 'tool-invocation') throw new TypeError(`no tool request ${ref} before its response`);
  call.toolInvocation = { ...call.toolInvocation, state: 'result', result: output };
}

function textOf(part: MastraPart): Part[] {
  return part.type === 'text' ? [{ text: part.text }] : [];
}
