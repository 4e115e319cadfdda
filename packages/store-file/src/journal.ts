import { type MessageData, own, type SessionRead, type SessionRecord, selectMessages } from '@sess/core/store';
import { type Checkpoint, lastCheckpoint } from './checkpoint.ts';
import { messagesIn, stateIn } from './content-line.ts';
import { corrupt } from './file-error.ts';
import { JournalFile } from './journal-file.ts';
import type { HeaderLine, JournalLine, LineRef, LiveRefs, MessageRef, Place, ThreadIndex } from './journal-line.ts';
import { decodeLine, type EncodedLine } from './line.ts';
import { type LineOutcome, Replay } from './replay.ts';

/** The version of the format. */
export const FORMAT = 1;

/** No first line is longer: an id has 512 bytes at most, each of them six in JSON at most. */
const HEADER_BYTES = 4096;
/** What is read first of the end of a file, where the last checkpoint is looked for. Then five times as much. */
const TAIL_BYTES = 16_384;
const TAIL_FACTOR = 5;
/** How much is read at once when going forward; more where a line is longer. */
const BLOCK_BYTES = 262_144;
/** How much is kept of what follows the last valid line. */
const REST_BYTES = 64;
/** How much is read at once when collecting messages, and how much that nobody asked for is read to save a call. */
const BATCH_BYTES = 1_048_576;
const GAP_BYTES = 2048;

export interface Appended {
  /** What became of each line. Undefined: it is not in the file, or stands behind what ended the file. */
  readonly outcomes: readonly (LineOutcome | undefined)[];
  /** Where the last of them ends, if one is there. */
  readonly end: number | undefined;
  /** Whether the file has been removed from its folder. */
  readonly removed: boolean;
  /** The error of the write, if it failed. */
  readonly failure: unknown;
}

/** One file: a generation of a session's journal, and what it says as far as it was read. */
export class Journal {
  readonly file: JournalFile;
  readonly sessionId: string;
  readonly replay: Replay;
  /** Whether reading it has failed half-way, so that `replay` is of no use any more. */
  failed = false;
  /** Its length when it was last read to its end. */
  #followed = 0;
  /** What it holds behind `replay.position`, as a rule just a newline. Cut short where it is long. */
  #rest: Buffer = Buffer.alloc(0);

  constructor(file: JournalFile, sessionId: string, replay: Replay) {
    this.file = file;
    this.sessionId = sessionId;
    this.replay = replay;
  }

  /**
   * Opens a file and reads it from its last checkpoint on. `expected`: whose it must be.
   *
   * Throws CORRUPT where it does not begin with a valid first line, is another session's, or lacks something.
   */
  static async open(path: string, expected?: string): Promise<Journal> {
    const file = await JournalFile.open(path);
    try {
      return await read(file, expected);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /**
   * Reads what was appended since. Resolves whether the file has been removed from its folder.
   *
   * @param written What this process has just appended. Need not be read again where nobody else has appended.
   */
  async follow(written: readonly EncodedLine[] = []): Promise<{ removed: boolean }> {
    const { size, removed } = this.file.stat();
    const { replay } = this;
    if (size < replay.position) throw this.#corrupt(`bytes after ${size} are missing`);
    if (size === this.#followed) return { removed };
    const bytes = Buffer.concat([this.#rest, ...written.map((line) => line.bytes)]);
    this.failed = true;
    // With these bytes the file ends where it does: nobody else has appended.
    if (written.length > 0 && replay.position + bytes.length === size) {
      this.#feed(bytes, true, byEnd(written, this.#rest.length));
    } else {
      await this.#readOn(size);
    }
    replay.assertComplete();
    this.failed = false;
    this.#followed = size;
    return { removed };
  }

  /**
   * Appends lines with one write, makes them durable if `sync` says so, and reads on to see what became of each. Where
   * this rejects, it is not known what became of them.
   */
  async append(lines: readonly EncodedLine[], sync: boolean): Promise<Appended> {
    const outcomes = lines.map((): LineOutcome | undefined => undefined);
    let end: number | undefined;
    let failure: unknown;
    try {
      await this.file.append(Buffer.concat(lines.map(({ bytes }) => bytes)));
    } catch (error) {
      failure = error;
    }
    this.replay.onLine = (text, outcome) => {
      const mine = lines.findIndex((line, index) => outcomes[index] === undefined && endsWith(line.bytes, text));
      if (mine === -1) return;
      outcomes[mine] = outcome;
      end = this.replay.position;
    };
    // What was written can be read at once; only the acknowledgement has to wait for the disk.
    const [synced, followed] = await Promise.allSettled([
      sync ? this.file.sync() : undefined,
      this.follow(failure === undefined ? lines : []),
    ]);
    this.replay.onLine = undefined;
    if (synced.status === 'rejected') throw synced.reason;
    if (followed.status === 'rejected') throw followed.reason;
    const { removed } = followed.value;
    return { outcomes, end, removed, failure };
  }

  /** What `read` asks for, with its messages and its state. */
  async load(session: LiveRefs, read: SessionRead): Promise<SessionRecord> {
    const { state, threads: _, partial: __, ...record } = session;
    const window = selectMessages(
      { ...session, threads: {}, partial: undefined } as unknown as SessionRecord,
      read,
    ).partial;
    const names = Object.keys(window?.offsets ?? session.lengths);
    const threads: [string, MessageData[]][] = [];
    for (const thread of names) {
      const end = Math.min(read.before ?? Number.POSITIVE_INFINITY, own(session.lengths, thread) ?? 0);
      const refs = await this.refs(session, thread, own(window?.offsets, thread) ?? 0, end);
      const messages: MessageData[] = [];
      for await (const some of this.messages(thread, refs)) messages.push(...some);
      threads.push([thread, messages]);
    }
    return {
      ...structuredClone(record), // the replayed one goes on being read
      ...(state !== undefined && { state: await this.state(state) }),
      threads: Object.fromEntries(threads),
      ...(window && { partial: window }),
    };
  }

  async state(place: LineRef): Promise<unknown> {
    const [line] = await this.#lines([place]);
    const state = line && stateIn(line);
    if (state === undefined) throw this.#corrupt(`the state at byte ${place.at} is missing`);
    return state;
  }

  /** Where the messages from `start` to `end` of a thread are. Reads no more checkpoints than it needs. */
  async refs(session: LiveRefs, thread: string, start: number, end: number): Promise<MessageRef[]> {
    let rest = own(session.partial?.offsets, thread) ?? 0;
    const recent = (own(session.threads, thread) ?? []) as unknown as MessageRef[];
    const parts = [between(recent, rest, start, end)];
    // From the newest to the oldest: each knows the messages from its `from` up to the `from` of those before.
    const take = (index: ThreadIndex) => {
      parts.push(between(refsOf(index), index.from, start, Math.min(rest, end)));
      rest = Math.min(rest, index.from);
    };
    let index = own(this.replay.base?.index, thread);
    while (index !== undefined && start < rest) {
      if (index.from < rest) take(index);
      for (const [from, ...place] of index.blocks?.toReversed() ?? []) {
        if (start >= rest) break;
        if (from < Math.min(rest, end)) take(await this.#index(place, thread));
        else rest = Math.min(rest, from);
      }
      if (start >= rest) break;
      index = index.before && (await this.#index(index.before, thread));
    }
    const refs = parts.reverse().flat();
    if (refs.length !== Math.max(0, end - start)) throw this.#corrupt('the places of some messages are missing');
    return refs;
  }

  /** Reads messages, about 1 MB at a time. */
  async *messages(thread: string, refs: readonly MessageRef[]): AsyncGenerator<MessageData[]> {
    for (const batch of inBatches(refs)) {
      const places = [...new Map(batch.map(({ line }) => [line.at, line])).values()];
      const lines = await this.#lines(places);
      const byPlace = new Map(
        places.map((place, index) => [place.at, messagesIn(lines[index] as JournalLine, thread)]),
      );
      yield batch.map(({ line, index }) => {
        const message = byPlace.get(line.at)?.[index];
        if (message === undefined) throw this.#corrupt(`message ${index} of the line at byte ${line.at} is missing`);
        return message;
      });
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  async #readOn(size: number): Promise<void> {
    for (let block = BLOCK_BYTES, isEnd = false; !isEnd; ) {
      const from = this.replay.position;
      const bytes = await this.file.read(from, Math.min(block, size - from));
      isEnd = from + bytes.length >= size;
      this.#feed(bytes, isEnd);
      if (this.replay.position === from) block *= 2;
    }
  }

  #feed(bytes: Buffer, isEnd: boolean, known?: ReadonlyMap<number, JournalLine>): void {
    const from = this.replay.position;
    this.replay.feed(bytes, isEnd, known);
    this.#rest = Buffer.from(bytes.subarray(this.replay.position - from).subarray(0, REST_BYTES));
  }

  async #index([at, bytes]: Place, thread: string): Promise<ThreadIndex> {
    const [line] = await this.#lines([{ at, bytes }]);
    const index = line && 'checkpoint' in line ? own(line.checkpoint.index, thread) : undefined;
    if (index === undefined) throw this.#corrupt(`the checkpoint at byte ${at} is missing`);
    return index;
  }

  /** Reads lines of known places, those close to each other with one call. */
  async #lines(places: readonly LineRef[]): Promise<JournalLine[]> {
    const found = new Map<number, JournalLine>();
    for (const near of groupNear([...places].sort((a, b) => a.at - b.at))) {
      const from = (near[0] as LineRef).at;
      const last = near.at(-1) as LineRef;
      const bytes = await this.file.read(from, last.at + last.bytes - from);
      for (const { at, bytes: length } of near) {
        const json = decodeLine(bytes.subarray(at - from, at - from + length));
        if (json === undefined) throw this.#corrupt(`the line at byte ${at} is garbled or missing`);
        found.set(at, JSON.parse(json) as JournalLine);
      }
    }
    return places.map(({ at }) => found.get(at) as JournalLine);
  }

  #corrupt(problem: string) {
    return corrupt(this.file.path, this.sessionId, problem);
  }
}

async function read(file: JournalFile, expected: string | undefined): Promise<Journal> {
  const { size } = file.stat();
  const whole = size <= TAIL_BYTES ? await file.read(0, size) : undefined;
  const { id } = readHeader(whole ?? (await file.read(0, HEADER_BYTES)), file.path, expected);
  const tail = await readTail(file, size, whole);
  const replay = new Replay(id, file.path, tail.checkpoint);
  if (replay.position >= tail.offset) {
    replay.feed(tail.bytes.subarray(replay.position - tail.offset), tail.offset + tail.bytes.length >= size);
  }
  const journal = new Journal(file, id, replay);
  await journal.follow();
  return journal;
}

function readHeader(bytes: Buffer, path: string, expected: string | undefined): HeaderLine {
  const end = bytes.indexOf('\n', 1);
  const json = bytes[0] === 0x0a ? decodeLine(bytes.subarray(1, end === -1 ? bytes.length : end)) : undefined;
  const header = json === undefined ? undefined : (JSON.parse(json) as HeaderLine);
  if (typeof header?.id !== 'string') throw corrupt(path, expected, `there is no valid first line`);
  if (expected !== undefined && header.id !== expected)
    throw corrupt(path, expected, 'the first line names another session');
  if (header.sess !== FORMAT) {
    throw corrupt(
      path,
      header.id,
      `the format is ${header.sess}, which this release (format ${FORMAT}) does not know,`,
    );
  }
  return header;
}

/** Reads a file backwards to its last checkpoint, or to its beginning. */
async function readTail(
  file: JournalFile,
  size: number,
  whole: Buffer | undefined,
): Promise<{ bytes: Buffer; offset: number; checkpoint: Checkpoint | undefined }> {
  let bytes = whole ?? Buffer.alloc(0);
  let offset = whole ? 0 : size;
  for (let length = TAIL_BYTES; ; length *= TAIL_FACTOR) {
    const checkpoint = lastCheckpoint(bytes, offset);
    if (checkpoint !== undefined || offset === 0) return { bytes, offset, checkpoint };
    const from = Math.max(0, offset - length);
    bytes = Buffer.concat([await file.read(from, offset - from), bytes]);
    offset = from;
  }
}

/** What each of these lines says, by where its text will end if they follow `offset` bytes. */
function byEnd(lines: readonly EncodedLine[], offset: number): Map<number, JournalLine> {
  const known = new Map<number, JournalLine>();
  let end = offset;
  for (const { bytes, line } of lines) {
    end += bytes.length;
    known.set(end - 1, line);
  }
  return known;
}

/** Whether a line, which may have lines of content before it, is the one with this text. */
function endsWith(line: Buffer, text: Buffer): boolean {
  const start = line.length - 1 - text.length;
  return start > 0 && line[start - 1] === 0x0a && line.subarray(start, -1).equals(text);
}

/** Of messages that begin at index `from`, those with an index from `start` to `end`. */
function between(refs: readonly MessageRef[], from: number, start: number, end: number): MessageRef[] {
  return refs.slice(Math.max(0, start - from), Math.max(0, end - from));
}

function refsOf({ lines }: ThreadIndex): MessageRef[] {
  return lines.flatMap(([at, bytes, count]) => {
    const line = { at, bytes };
    return Array.from({ length: count }, (_, index) => ({ line, index }));
  });
}

function* inBatches(refs: readonly MessageRef[]): Generator<MessageRef[]> {
  let batch: MessageRef[] = [];
  let bytes = 0;
  for (const ref of refs) {
    if (batch.at(-1)?.line.at !== ref.line.at) {
      if (bytes > BATCH_BYTES) {
        yield batch;
        batch = [];
        bytes = 0;
      }
      bytes += ref.line.bytes;
    }
    batch.push(ref);
  }
  if (batch.length > 0) yield batch;
}

function* groupNear(places: readonly LineRef[]): Generator<LineRef[]> {
  let group: LineRef[] = [];
  for (const place of places) {
    const last = group.at(-1);
    if (last && place.at - (last.at + last.bytes) > GAP_BYTES) {
      yield group;
      group = [];
    }
    group.push(place);
  }
  if (group.length > 0) yield group;
}
