import type { MessageData, Part, ToolRequestPart } from '@sess/core';
import { expect } from 'vitest';

/** A model's request to a tool. */
export function request(name: string, ref: string, input: unknown = {}): ToolRequestPart {
  return { toolRequest: { name, ref, input } };
}

/** What models are told of a call that has failed. */
export const failure = (text: string | RegExp) => ({ error: expect.stringMatching(text) });

/** The outputs of tools in messages, by ref. */
export function outputsOf(messages: readonly MessageData[]): Record<string, unknown> {
  const responses = messages.flatMap(({ content }) => content).flatMap(({ toolResponse }) => toolResponse ?? []);
  return Object.fromEntries(responses.map(({ ref, output }) => [ref, output]));
}

/** Messages at a glance: `user: hi`, `model: → clock#1`, `tool: clock#1 = "noon"`. */
export function outline(messages: readonly MessageData[]): string[] {
  const told = ({ text, toolRequest, toolResponse, metadata, ...other }: Part) =>
    toolRequest
      ? `→ ${toolRequest.name}#${toolRequest.ref}${metadata?.interrupt ? ' (interrupt)' : ''}`
      : toolResponse
        ? `${toolResponse.name}#${toolResponse.ref} = ${JSON.stringify(toolResponse.output)}`
        : (text ?? JSON.stringify(other));
  return messages.map(({ role, content }) => `${role}: ${content.map(told).join(' ')}`);
}

/** Fails where a provider would refuse the history: each request is answered once, right behind it, and nothing else. */
export function expectWellFormed(
  messages: readonly MessageData[],
  pending: readonly (string | undefined)[] = [],
): void {
  messages.forEach((message, index) => {
    const end = messages.findIndex(({ role }, place) => place > index && role !== 'tool');
    const behind = message.role === 'model' ? messages.slice(index + 1, end < 0 ? undefined : end) : [];
    const asked = message.content.flatMap(({ toolRequest }) => toolRequest?.ref ?? []);
    const answered = behind.flatMap(({ content }) => content.flatMap(({ toolResponse }) => toolResponse?.ref ?? []));
    const open = end < 0 ? pending : [];
    if (message.role === 'model') expect([...answered, ...open].sort()).toEqual(asked.sort());
    if (message.role === 'tool') expect(messages[index - 1]?.role).toMatch(/model|tool/);
  });
}
