import { type MessageData, own, type SessionWrite } from '@sess/core/store';
import { CONTENT_LINE_BYTES, messageLines, stateLine } from './content-line.ts';
import type { Before, LineRef, MessageRef, Outside, Witness, WriteLine } from './journal-line.ts';
import { type EncodedLine, encodeLine } from './line.ts';
import { LineBuffer } from './line-buffer.ts';

export type WriteLineContext = Witness & Pick<WriteLine, 'now' | 'ttl'>;

/** What to append for a write: its line, and before it the lines that its content is in where there is much of it. */
export function encodeWrite(write: SessionWrite, context: WriteLineContext): EncodedLine {
  const inline = toLine(write, context);
  const json = JSON.stringify(inline);
  if (json.length <= CONTENT_LINE_BYTES) return { bytes: encodeLine(json), line: inline };
  const buffer = new LineBuffer();
  const placed: { state?: LineRef; threads: Map<string, (LineRef & { count: number })[]> } = { threads: new Map() };
  const emptied = mapContent(write, {
    state: (value) => {
      placed.state = buffer.append(stateLine(value));
      return null;
    },
    messages: (messages, thread) => {
      const lines = Array.from(messageLines(messages), ({ json, count }) => ({ ...buffer.append(json), count }));
      placed.threads.set(thread, lines);
      return [];
    },
  });
  const before = ({ at, bytes }: LineRef): Before => [buffer.next - at, bytes];
  const outside: Outside = {
    ...(placed.state && { state: before(placed.state) }),
    threads: Object.fromEntries(
      [...placed.threads].map(([thread, lines]) => [
        thread,
        lines.map((line) => [...before(line), line.count] as const),
      ]),
    ),
  };
  const line = { ...toLine(emptied, context), outside };
  buffer.append(JSON.stringify(line));
  return { bytes: buffer.take(), line };
}

/** A write as it is replayed: places instead of content. Undefined where the line is no write. */
export function decodeWrite(line: WriteLine, place: LineRef): SessionWrite<LineRef> | undefined {
  const { outside } = line;
  const write = toWrite(line);
  if (write === undefined) return undefined;
  return mapContent<LineRef>(write, {
    state: () => (outside?.state ? lineBefore(place, outside.state) : place),
    messages: (messages, thread) => {
      const refs: MessageRef[] = outside
        ? (own(outside.threads, thread) ?? []).flatMap(([back, bytes, count]) => {
            const line = lineBefore(place, [back, bytes]);
            return Array.from({ length: count }, (_, index) => ({ line, index }));
          })
        : messages.map((_, index) => ({ line: place, index }));
      return refs as unknown as MessageData[];
    },
  });
}

/** How many bytes a write's state takes, and how many of them are in the line that also holds its messages. */
export function stateBytesOf(line: WriteLine): { stateBytes: number; shared: number } {
  if (line.outside) return { stateBytes: line.outside.state?.[1] ?? 0, shared: 0 };
  const state: unknown = line.commit ? line.commit.state?.value : line.save?.data.state;
  const bytes = state === undefined ? 0 : Buffer.byteLength(JSON.stringify(state));
  return { stateBytes: bytes, shared: bytes };
}

function toLine(write: SessionWrite, { now, ttl, read, sum }: WriteLineContext): WriteLine {
  const rest = { now, ...(ttl !== undefined && { ttl }), read, sum };
  if (write.kind === 'commit') return { commit: write.change, ...rest };
  if (write.kind === 'save') return { save: { changeId: write.changeId, data: write.data }, ...rest };
  return { delete: true, ...rest };
}

function toWrite(line: WriteLine): SessionWrite | undefined {
  if (line.commit) return { kind: 'commit', change: line.commit };
  if (line.save) return { kind: 'save', ...line.save };
  return line.delete ? { kind: 'delete' } : undefined;
}

interface ContentMap {
  state(value: unknown): unknown;
  messages(messages: MessageData[], thread: string): MessageData[];
}

/** A copy of a write with its state, where it has one, and each thread's messages replaced. */
function mapContent<T>(write: SessionWrite, map: ContentMap): SessionWrite<T> {
  if (write.kind === 'delete') return write;
  if (write.kind === 'save') {
    const { state, threads, ...data } = write.data;
    return {
      ...write,
      data: {
        ...data,
        ...(state !== undefined && { state: map.state(state) as T }),
        threads: mapEntries(threads, (messages, thread) => map.messages(messages, thread)),
      },
    };
  }
  const { state, threads, ...change } = write.change;
  return {
    ...write,
    change: {
      ...change,
      ...(state && {
        state: { ...state, value: state.value === undefined ? undefined : (map.state(state.value) as T) },
      }),
      ...(threads && {
        threads: mapEntries(threads, (part, thread) => ({ ...part, append: map.messages(part.append, thread) })),
      }),
    },
  };
}

function mapEntries<T, U>(record: Record<string, T>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

function lineBefore({ at }: LineRef, [back, bytes]: Before): LineRef {
  return { at: at - back, bytes };
}
