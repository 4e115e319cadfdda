import { crc32 } from 'node:zlib';
import type { JournalLine } from './journal-line.ts';

/** `#` and eight hexadecimal digits. */
const CHECKSUM_BYTES = 9;
const HASH = 0x23;

/** A CRC-32 as it is written: eight lower-case hexadecimal digits. `before`: the sum of what comes before `bytes`. */
export function checksum(bytes: string | Buffer, before = 0): string {
  return format(crc32(bytes, before));
}

export function format(sum: number): string {
  return sum.toString(16).padStart(8, '0');
}

/** A line to append, and what it says. Lines of content, which belong to it, may stand before it in `bytes`. */
export interface EncodedLine {
  readonly bytes: Buffer;
  readonly line: JournalLine;
}

export function encode(line: JournalLine): EncodedLine {
  return { bytes: encodeLine(JSON.stringify(line)), line };
}

/**
 * A line as it is appended. The newline in front ends what a writer before may have left half written, so that a torn
 * line never takes the next one with it.
 */
export function encodeLine(json: string): Buffer {
  return Buffer.from(`\n${json}#${checksum(json)}\n`);
}

/**
 * The JSON of a line's text, the part between two newlines; undefined where it is torn or garbled. One more byte at
 * the end is let through: the line's newline may be what is damaged, and the line itself is whole.
 */
export function decodeLine(text: Buffer): string | undefined {
  for (const end of [text.length, text.length - 1]) {
    const hash = end - CHECKSUM_BYTES;
    if (hash <= 0 || text[hash] !== HASH) continue;
    if (checksum(text.subarray(0, hash)) === text.toString('latin1', hash + 1, end))
      return text.toString('utf8', 0, hash);
  }
  return undefined;
}
