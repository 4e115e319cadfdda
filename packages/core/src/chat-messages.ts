import { type MessageData, type Part, SessError, toStored } from './store/index.ts';

/** A message as a caller may write it: a text stands for one text part. */
export type MessageInput = Omit<MessageData, 'content'> & { content: string | Part[] };

/** How a turn ended, on the message that it left. */
export type TurnEnd = 'aborted' | 'failed';

/** Which prompt a conversation was handed over to, and what the model gave it. */
export interface HandOver {
  prompt: string;
  input?: unknown;
}

/** What core notes on a message, as `metadata.sess`. */
interface Stamp extends Partial<HandOver> {
  id: string;
  turn: string;
  /** In ms since the epoch. */
  at: number;
  end?: TurnEnd;
}

const roles: readonly unknown[] = ['system', 'user', 'model', 'tool'];

/** The parts of what a caller says: a text, a part, or parts. */
export function toParts(input: string | Part | readonly Part[]): Part[] {
  return typeof input === 'string' ? [{ text: input }] : Array.isArray(input) ? [...input] : [input as Part];
}

/** The stored form of messages, as {@link stampMessage} makes it. Throws INVALID_ARGUMENT where they are no array. */
export function stampMessages(messages: readonly MessageInput[], turn: string): MessageData[] {
  if (Array.isArray(messages)) return Array.from(messages, (message) => stampMessage(message, turn));
  throw new SessError('INVALID_ARGUMENT', 'Messages must be an array.');
}

/**
 * The stored form of a message, stamped with an id, its turn and the time. A tool request without a `ref`
 * of its own gets one.
 *
 * Throws INVALID_ARGUMENT for what is no message, and NOT_SERIALIZABLE.
 */
export function stampMessage(message: MessageInput, turn: string, end?: TurnEnd): MessageData {
  const { role, content, metadata } = Object(message) as MessageInput;
  if (!roles.includes(role))
    throw new SessError('INVALID_ARGUMENT', `A message's role must be one of ${roles.join(', ')}.`);
  const isContent = typeof content === 'string' || (Array.isArray(content) && content.every(isPart));
  if (!isContent) throw new SessError('INVALID_ARGUMENT', `A message's content must be a string or an array of parts.`);
  const stamp: Stamp = { id: crypto.randomUUID(), turn, at: Date.now(), ...(end && { end }) };
  const refs = new Set<string>();
  const parts = toParts(content).map((part) => {
    if (part.toolRequest === undefined) return part;
    const { ref } = part.toolRequest;
    const own = ref && !refs.has(ref) ? ref : crypto.randomUUID();
    refs.add(own);
    return { ...part, toolRequest: { ...part.toolRequest, ref: own } };
  });
  return toStored({ role, content: parts, metadata: { ...metadata, sess: stamp } }, 'message');
}

/** What core has noted on a message: nothing on one that it did not write. */
export function stampOf(message: MessageData | undefined): Partial<Stamp> {
  return (message?.metadata?.sess ?? {}) as Partial<Stamp>;
}

/** The id of the turn that wrote a message; undefined for one that was not written by a turn. */
export function turnOf(message: MessageData | undefined): string | undefined {
  return stampOf(message).turn;
}

/** Who the conversation was handed over to when a message was written; undefined: to nobody. */
export function handOverOf(message: MessageData | undefined): HandOver | undefined {
  const { prompt, input } = stampOf(message);
  return prompt === undefined ? undefined : { prompt, ...(input !== undefined && { input }) };
}

/** The message with a note on who the conversation was handed over to. */
export function withHandOver(message: MessageData, handOver: HandOver | undefined): MessageData {
  if (handOver === undefined) return message;
  return { ...message, metadata: { ...message.metadata, sess: { ...stampOf(message), ...handOver } } };
}

/** Messages that are the conversation: Genkit also stored the preamble of each turn, marked as such. */
export function visibleMessages(messages: readonly MessageData[]): MessageData[] {
  return messages.filter(({ metadata }) => metadata?.preamble !== true);
}

function isPart(value: unknown): boolean {
  const { toolRequest = {}, toolResponse = {} } = Object(value) as Record<string, unknown>;
  return [value, toolRequest, toolResponse].every((item) => typeof item === 'object' && item !== null);
}
