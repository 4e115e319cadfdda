import { type MessageData, own } from '@sess/core/store';
import type { JournalLine } from './journal-line.ts';

/** About how long a line of messages is. One longer message has a line of its own. */
export const CONTENT_LINE_BYTES = 32_768;

const MESSAGES = '{"messages":[';
const STATE = '{"state":';

/** Lines of messages, in order. What a window reads is then bounded, however many messages one change appended. */
export function* messageLines(messages: Iterable<MessageData>): Generator<{ json: string; count: number }> {
  let packed: string[] = [];
  let length = 0;
  const line = () => ({ json: `${MESSAGES}${packed.join(',')}]}`, count: packed.length });
  for (const message of messages) {
    const json = JSON.stringify(message);
    if (packed.length > 0 && length + json.length > CONTENT_LINE_BYTES) {
      yield line();
      packed = [];
      length = 0;
    }
    packed.push(json);
    length += json.length;
  }
  if (packed.length > 0) yield line();
}

export function stateLine(state: unknown): string {
  return `${STATE}${JSON.stringify(state)}}`;
}

/** Whether a line only holds content for another one, so that replaying need not parse it. */
export function isContent(json: string): boolean {
  return json.startsWith(MESSAGES) || json.startsWith(STATE);
}

/** The messages of a thread that a line holds, in the order of their MessageRefs. */
export function messagesIn(line: JournalLine, thread: string): readonly MessageData[] {
  if ('messages' in line) return line.messages;
  if ('commit' in line && line.commit) return own(line.commit.threads, thread)?.append ?? [];
  if ('save' in line && line.save) return own(line.save.data.threads, thread) ?? [];
  return [];
}

/** The state that a line holds; undefined where it holds none. */
export function stateIn(line: JournalLine): unknown {
  if ('state' in line) return line.state;
  if ('commit' in line && line.commit) return line.commit.state?.value;
  if ('save' in line && line.save) return line.save.data.state;
  return undefined;
}
