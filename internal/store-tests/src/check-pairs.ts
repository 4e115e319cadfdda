import type { SessionRecord } from '@sess/core/store';
import { expect } from 'vitest';

/** The names of the changes whose pairs of messages are in a thread, in order. Fails where a pair is torn, or there twice. */
export function pairsOf(record: SessionRecord, thread: string): string[] {
  const texts = (record.threads?.[thread] ?? []).map(({ content }) => content[0]?.text ?? '');
  const names = texts.filter((_, index) => index % 2 === 0).map((text) => text.split(' ')[0] ?? '');
  expect(texts, `pairs of ${thread}`).toEqual(names.flatMap((name) => [`${name} user`, `${name} model`]));
  expect(new Set(names).size, `${thread} holds each pair once`).toBe(names.length);
  for (const writer of new Set(names.map((name) => name.split('.')[0]))) {
    const numbers = names.filter((name) => name.startsWith(`${writer}.`)).map((name) => Number(name.split('.')[1]));
    expect(numbers, `the order of writer ${writer} in ${thread}`).toEqual(numbers.toSorted((a, b) => a - b));
  }
  return names;
}
