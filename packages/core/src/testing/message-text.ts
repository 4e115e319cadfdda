import type { Part } from '../store/index.ts';

/** The text of all parts, joined. */
export function partsText(parts: readonly Part[]): string {
  return parts.map((part) => part.text ?? '').join('');
}
