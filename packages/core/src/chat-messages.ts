import {
  type MessageData,
  type Part,
  SessError,
  type ToolRequestPart,
  type ToolResponsePart,
  toStored,
} from './store/index.ts';

/** A message as a caller may write it: a text stands for one text part. */
export type MessageInput = Omit<MessageData, 'content'> & { content: string | Part[] };

/** How a turn ended, on the partial answer that it left. */
export type TurnEnd = 'aborted' | 'failed';

const roles: readonly unknown[] = ['system', 'user', 'model', 'tool'];

/** The parts of what a caller says: a text, a part, or parts. */
export function toParts(input: string | Part | readonly Part[]): Part[] {
  return typeof input === 'string' ? [{ text: input }] : Array.isArray(input) ? [...input] : [input as Part];
}

/**
 * The stored form of a message, stamped with an id, its turn and the time. A tool request without a `ref` gets one.
 *
 * Throws INVALID_ARGUMENT for what is no message, and NOT_SERIALIZABLE.
 */
export function stampMessage({ role, content, metadata }: MessageInput, turn: string, end?: TurnEnd): MessageData {
  if (!roles.includes(role))
    throw new SessError('INVALID_ARGUMENT', `A message's role must be one of ${roles.join(', ')}.`);
  const isContent = typeof content === 'string' || (Array.isArray(content) && content.every(isObject));
  if (!isContent) throw new SessError('INVALID_ARGUMENT', `A message's content must be a string or an array of parts.`);
  const stamp = { id: crypto.randomUUID(), turn, at: Date.now(), ...(end && { end }) };
  const parts = toParts(content).map((part) =>
    part.toolRequest && !part.toolRequest.ref
      ? { ...part, toolRequest: { ...part.toolRequest, ref: crypto.randomUUID() } }
      : part,
  );
  return toStored({ role, content: parts, metadata: { ...metadata, sess: stamp } }, 'message');
}

/** The id of the turn that wrote a message; undefined for one that was not written by a turn. */
export function turnOf({ metadata }: MessageData): string | undefined {
  return (metadata?.sess as { turn?: string } | undefined)?.turn;
}

/** Messages that are the conversation: Genkit also stored the preamble of each turn, marked as such. */
export function visibleMessages(messages: readonly MessageData[]): MessageData[] {
  return messages.filter(({ metadata }) => metadata?.preamble !== true);
}

/**
 * A tool message that answers, with errors, the requests at the end of a history that neither the history nor `next`
 * answers: no provider takes a history in which one is left open. None where all are answered.
 */
export function answersForLost(history: readonly MessageData[], next: readonly MessageData[]): MessageInput[] {
  const asked = history.findLastIndex(({ role }) => role === 'model');
  const answers = [...history.slice(asked + 1), ...next].flatMap(({ content }) => content).filter(isToolResponse);
  const lost = (history[asked]?.content ?? [])
    .filter((part): part is ToolRequestPart => part.toolRequest !== undefined)
    .filter(
      ({ toolRequest: { name, ref } }) =>
        !answers.some(({ toolResponse }) => toolResponse.ref === ref && toolResponse.name === name),
    );
  if (lost.length === 0) return [];
  const content = lost.map(({ toolRequest: { name, ref } }) => ({
    toolResponse: { name, ref, output: { error: 'The call was interrupted; its outcome is unknown.' } },
  }));
  return [{ role: 'tool', content }];
}

function isToolResponse(part: Part): part is ToolResponsePart {
  return part.toolResponse !== undefined;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
