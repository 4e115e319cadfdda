import { createHash, randomUUID } from 'node:crypto';

/** Device names of Windows, which it takes for files in every folder. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)$/;
/** What does not stand for itself in a name. */
const OTHERS = /[^a-z0-9_-]+/g;
const LONGEST_PLAIN = 100;
const KEPT_OF_LONG = 40;
const JOURNAL = /^(\d{1,12})-[0-9a-f-]{36}\.jsonl$/;

/** What is being made, and not yet there for anybody, begins with this. No session's folder does. */
export const TEMPORARY = '.tmp-';

/**
 * The name of a session's folder. Only lower-case letters, digits, `-`, `_` and `%` occur in it (and `~` before a
 * hash), so that file systems that fold case, normalize Unicode or refuse names of devices keep all ids apart. What is
 * too long for a name is hashed; the id itself is in the journal's first line.
 */
export function folderName(sessionId: string): string {
  const plain = sessionId.replace(OTHERS, percent);
  const name = RESERVED.test(plain) ? percent(plain.slice(0, 1)) + plain.slice(1) : plain;
  if (name.length <= LONGEST_PLAIN) return name;
  return `${name.slice(0, KEPT_OF_LONG)}~${createHash('sha256').update(sessionId).digest('hex')}`;
}

/** A name for a journal that no other journal has had or will have. */
export function newJournalName(generation: number): string {
  return `${generation}-${randomUUID()}.jsonl`;
}

/** The generation in a journal's name; undefined for other files. */
export function generationOf(fileName: string): number | undefined {
  const digits = JOURNAL.exec(fileName)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function percent(characters: string): string {
  return Buffer.from(characters).toString('hex').replace(/../g, '%$&');
}
