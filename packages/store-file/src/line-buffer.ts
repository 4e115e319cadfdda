import { crc32 } from 'node:zlib';
import type { LineRef, Witness } from './journal-line.ts';
import { encodeLine, format } from './line.ts';

/** Lines to be written, and where each will be: offsets count from the first line that the buffer was ever given. */
export class LineBuffer {
  #lines: Buffer[] = [];
  #length = 0;
  #sum = 0;
  /** How many bytes wait to be taken. */
  held = 0;

  /** Where the text of the next line will begin. */
  get next(): number {
    return this.#length + 1;
  }

  /** What a reader of all lines so far has read, where the first one begins the file. */
  get witness(): Witness {
    return { read: Math.max(0, this.#length - 1), sum: format(this.#sum) };
  }

  append(json: string): LineRef {
    const line = encodeLine(json);
    const place = { at: this.next, bytes: line.length - 2 };
    // The sum goes to the end of the text; the newline after it is counted with the next line.
    this.#sum = crc32(line.subarray(0, -1), this.#length > 0 ? crc32('\n', this.#sum) : 0);
    this.#lines.push(line);
    this.#length += line.length;
    this.held += line.length;
    return place;
  }

  /** What was appended since the last call. */
  take(): Buffer {
    const bytes = Buffer.concat(this.#lines);
    this.#lines = [];
    this.held = 0;
    return bytes;
  }
}
