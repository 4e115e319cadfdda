import type { MessageInput } from './chat-messages.ts';
import type { CheckedIssue } from './schema.ts';
import type { MessageData, Part, ToolRequest, ToolRequestPart, ToolResponsePart } from './store/index.ts';

/** What a message asks tools for. */
export function toolRequestsOf({ content }: Pick<MessageData, 'content'>): ToolRequestPart[] {
  return content.filter((part): part is ToolRequestPart => part.toolRequest !== undefined);
}

/** The requests of a history's last model message that neither the history nor `next` answers. */
export function openRequests(history: readonly MessageData[], next: readonly MessageData[] = []): ToolRequestPart[] {
  const asked = history.findLastIndex(({ role }) => role === 'model');
  const answers = [...history.slice(asked + 1), ...next].flatMap(({ content }) => content).filter(isToolResponse);
  return toolRequestsOf(history[asked] ?? { content: [] }).filter(
    ({ toolRequest: { name, ref } }) =>
      !answers.some(({ toolResponse }) => toolResponse.ref === ref && toolResponse.name === name),
  );
}

/** Whether a request waits for an answer from outside, where it has none yet. */
export function isInterrupt({ metadata }: ToolRequestPart): boolean {
  return Boolean(metadata?.interrupt);
}

/** The requests at the end of a history that wait for answers from outside. */
export function pendingInterrupts(history: readonly MessageData[]): ToolRequestPart[] {
  return openRequests(history).filter(isInterrupt);
}

/** The answer to a request that has failed: what models are told of it. */
export function errorResponse({ name, ref }: Pick<ToolRequest, 'name' | 'ref'>, error: string): ToolResponsePart {
  return { toolResponse: { name, ref, output: { error } } };
}

/**
 * A tool message that answers requests, with errors, that nobody else will answer: no provider takes a history in
 * which one is left open. None where there are no requests.
 */
export function answersForLost(lost: readonly ToolRequestPart[]): MessageInput[] {
  if (lost.length === 0) return [];
  const content = lost.map(({ toolRequest }) =>
    errorResponse(toolRequest, 'The call was interrupted; its outcome is unknown.'),
  );
  return [{ role: 'tool', content }];
}

function isToolResponse(part: Part): part is ToolResponsePart {
  return part.toolResponse !== undefined;
}

/** What is wrong with data of a model or a tool, in words for the model. */
export function describeIssues(issues: readonly CheckedIssue[]): string {
  return issues.map(({ place, message }) => `${place}: ${message}`).join('; ');
}
