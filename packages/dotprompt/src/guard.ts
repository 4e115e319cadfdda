import { randomUUID } from 'node:crypto';

/**
 * The library renders one text with markers in it, and cuts it at them into messages and media. Markers must be its own:
 * none may come out of values, nor out of values and what a template has around them. So every `<` behind which the rest
 * of a marker might come is replaced by something that no text can know, until the text is cut.
 */
export const MARKER = '<<<dotprompt:';
const REPLACEMENT: string = randomUUID();

const name = 'dotprompt:';
const beginnings = Array.from(name, (_, index) => name.slice(0, index)).join('|');
const inValue = new RegExp(`<(?=${name}|(?:${beginnings})$)`, 'g');
const inTemplate = new RegExp(`<(?=(?:${name}|${beginnings})\\s*(?:\\{\\{|$))`, 'g');

/** A copy of JSON data that may be rendered. Its objects have no prototype for a template to look into. */
export function guard(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(inValue, REPLACEMENT);
  if (Array.isArray(value)) return value.map(guard);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [guard(key), guard(item)]);
  return Object.assign(Object.create(null), Object.fromEntries(entries));
}

/** A template whose texts no value can make a marker of. */
export function guardTemplate(template: string): string {
  return template.replace(inTemplate, REPLACEMENT);
}

/** A text as it was before. */
export function unguard(text: string): string {
  return text.replaceAll(REPLACEMENT, '<');
}
