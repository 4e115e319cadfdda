import { randomUUID } from 'node:crypto';

/** What the library marks the beginnings of messages and media with, in the text that it renders. */
export const MARKER = '<<<dotprompt:';

/** Stands for a colon in the texts of others that might complete a marker. No text can know it. */
const COLON: string = randomUUID();

const endings = Array.from(MARKER, (_, index) => MARKER.slice(index)).join('|');
const completesMarker = new RegExp(`^(?:${endings})|${MARKER}`, 'g');

/**
 * A copy of JSON data, of which no text can begin a message of its own: neither by itself, nor behind what a template
 * or another text begins. Its objects have no prototype for a template to look into.
 */
export function guard(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(completesMarker, (found) => found.slice(0, -1) + COLON);
  if (Array.isArray(value)) return value.map(guard);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [guard(key), guard(item)]);
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/** A rendered text, with the texts of others as they were. */
export function unguard(text: string): string {
  return text.replaceAll(COLON, ':');
}
