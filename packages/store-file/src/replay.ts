import { crc32 } from 'node:zlib';
import { applyWrite, isSweepable, SessError, type WriteResult } from '@sess/core/store';
import { type Checkpoint, decodeCheckpoint } from './checkpoint.ts';
import { isContent } from './content-line.ts';
import { corrupt } from './file-error.ts';
import type { JournalLine, LineRef, StoredRefs, Witness, WriteLine } from './journal-line.ts';
import { decodeLine, format } from './line.ts';
import { estimate, type LiveBytes, NO_BYTES } from './live-bytes.ts';
import { decodeWrite, stateBytesOf } from './write-line.ts';

const NEWLINE = 0x0a;
/** For so many lines back at least, what a writer says it had read is compared. One that was further behind is believed. */
const MARKS = 4096;
/** What a line of content says by itself: nothing, so that it need not be parsed. */
const CONTENT: JournalLine = { messages: [] };
/** What a power cut can leave in place of bytes that were never written. JSON holds no NUL. */
const NEVER_WRITTEN = Buffer.alloc(16);

/** What became of a line: it was applied, or its conditions did not hold where it stands. */
export type LineOutcome = { readonly result: WriteResult } | { readonly error: unknown };

/**
 * Turns the bytes of one journal, in order, into what they say. Does no input or output. Depends on nothing but the
 * bytes, so that all processes come to the same result.
 */
export class Replay {
  /** Undefined before the first write. */
  stored: StoredRefs | undefined;
  live: LiveBytes = NO_BYTES;
  /** The checkpoint that `stored` counts from. */
  base: Checkpoint | undefined;
  /** The end of the text of the last valid line. Reading goes on here. */
  position: number;
  /** What ended this file, if something has. */
  ended: 'sealed' | 'gone' | undefined;
  /** Complete successors of this file, in order. */
  readonly successors: string[] = [];
  /** Is told what became of each write, and of each attempt to end the file. */
  onLine: ((text: Buffer, outcome: LineOutcome) => void) | undefined;

  readonly #sessionId: string;
  readonly #path: string;
  #sum: number;
  /** The checksum of all bytes before, by the end of each line. */
  #marks = new Map<number, number>();
  /** The marks before those: replaced all at once, since the first key of a map is slow to find after many were deleted. */
  #olderMarks = new Map<number, number>();
  #oldestMark: number;
  #lastApplied = 0;
  /** The end of a whole line that is garbled, and that no later writer has shown to have been so when it wrote. */
  #suspect: number | undefined;

  constructor(sessionId: string, path: string, base?: Checkpoint) {
    this.#sessionId = sessionId;
    this.#path = path;
    this.position = base?.read ?? 0;
    this.#sum = base ? Number.parseInt(base.sum, 16) : 0;
    this.#oldestMark = this.position;
    this.#marks.set(this.position, this.#sum);
    if (base) this.#startFrom(base);
  }

  /** What a line that is written now has to say of what its writer had read. */
  get witness(): Witness {
    return { read: this.position, sum: format(this.#sum) };
  }

  /**
   * Takes in the bytes from `position` on. An unfinished last line is left for the next call: it may be a write under
   * way.
   *
   * @param isEnd Whether the file ends with these bytes.
   * @param known What lines say that need not be decoded, by where their text ends in these bytes.
   */
  feed(bytes: Buffer, isEnd: boolean, known?: ReadonlyMap<number, JournalLine>): void {
    const offset = this.position;
    let garbledEnd: number | undefined;
    for (let start = 0; ; ) {
      const newline = bytes.indexOf(NEWLINE, start);
      if (newline === -1 && !isEnd) return;
      const end = newline === -1 ? bytes.length : newline;
      const text = bytes.subarray(start, end);
      const line = known?.get(end) ?? parseLine(text);
      if (line !== undefined) {
        garbledEnd = undefined;
        this.#sum = crc32(bytes.subarray(this.position - offset, end), this.#sum);
        this.position = offset + end;
        this.#take(line, text, { at: offset + start, bytes: text.length });
        this.#mark();
      } else if (text.length > 0) {
        garbledEnd = text.includes(NEVER_WRITTEN) ? undefined : offset + end;
      } else if (garbledEnd !== undefined) {
        // A torn line lacks its own newline, so that the next line follows at once. This one has it: it was whole.
        this.#suspect = garbledEnd;
      }
      if (newline === -1) return;
      start = newline + 1;
    }
  }

  /** Throws CORRUPT if what was taken in may lack something that was acknowledged. */
  assertComplete(): void {
    if (this.#suspect !== undefined) throw this.#corrupt(`the line that ends at byte ${this.#suspect} is garbled`);
  }

  #take(line: JournalLine, text: Buffer, place: LineRef): void {
    if ('read' in line) this.#checkWitness(line, place);
    if ('next' in line && this.ended === 'sealed') this.successors.push(line.next);
    if (this.ended !== undefined) return;
    if ('seal' in line) this.ended = 'sealed';
    else if ('gone' in line) this.#end(line.now, text);
    else if ('checkpoint' in line) {
      if (this.#lastApplied <= line.read) this.#startFrom(decodeCheckpoint(line, place));
    } else if ('now' in line) this.#write(line, text, place);
  }

  #write(line: WriteLine, text: Buffer, place: LineRef): void {
    const write = decodeWrite(line, place);
    if (write === undefined) return;
    try {
      const { stored, result } = applyWrite(this.stored, write, {
        sessionId: this.#sessionId,
        now: line.now,
        ttl: line.ttl,
      });
      if (stored !== this.stored) {
        this.live = estimate(this.live, this.stored, stored, write, stateBytesOf(line));
        this.stored = stored;
        this.#lastApplied = this.position;
      }
      this.onLine?.(text, { result });
    } catch (error) {
      if (!SessError.is(error)) throw error;
      this.onLine?.(text, { error });
    }
  }

  #end(now: number, text: Buffer): void {
    const existed = this.stored === undefined || isSweepable(this.stored, now);
    if (existed) this.ended = 'gone';
    this.onLine?.(text, { result: { existed } });
  }

  #startFrom(checkpoint: Checkpoint): void {
    this.base = checkpoint;
    this.stored = checkpoint.stored;
    this.live = checkpoint.live;
  }

  #mark(): void {
    if (this.#marks.size === MARKS) {
      const [oldest] = this.#marks.keys();
      this.#oldestMark = oldest as number;
      this.#olderMarks = this.#marks;
      this.#marks = new Map();
    }
    this.#marks.set(this.position, this.#sum);
  }

  #checkWitness({ read, sum }: Witness, { at }: LineRef): void {
    const known = this.#marks.get(read) ?? this.#olderMarks.get(read);
    const differs = known === undefined ? read > at || read >= this.#oldestMark : format(known) !== sum;
    if (differs) throw this.#corrupt(`bytes before ${Math.min(read, at)} are not those that were written`);
    if (known !== undefined && this.#suspect !== undefined && this.#suspect <= read) this.#suspect = undefined;
  }

  #corrupt(problem: string): SessError {
    return corrupt(this.#path, this.#sessionId, problem);
  }
}

/** Undefined where the text is torn or garbled. */
function parseLine(text: Buffer): JournalLine | undefined {
  const json = decodeLine(text);
  if (json === undefined) return undefined;
  return isContent(json) ? CONTENT : (JSON.parse(json) as JournalLine);
}
