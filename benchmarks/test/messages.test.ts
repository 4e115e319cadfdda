import { expect, test } from 'vitest';
import { contentBytes, nameOf, turnMessages } from '../src/messages.ts';

test('messages are the same in each run, and as large as they say', () => {
  expect(turnMessages(3)).toEqual(turnMessages(3));
  expect(turnMessages(3)).not.toEqual(turnMessages(4));
  expect(turnMessages(3).map(({ role }) => role)).toEqual(['user', 'model']);
  expect(turnMessages(10).map(({ role }) => role)).toEqual(['user', 'model', 'tool', 'model']);
  for (const message of turnMessages(1_000)) expect(JSON.stringify(message)).toMatch(/^[\x20-\x7e]+$/);
  const overhead = contentBytes(turnMessages(3)) - 2 * 1_024;
  expect(overhead).toBeLessThan(100);
  expect(contentBytes(turnMessages(10)) - contentBytes(turnMessages(3))).toBeGreaterThan(8 * 1_024);
});

test('a text message tells who wrote it', () => {
  expect(turnMessages(10, 'b').map(nameOf)).toEqual(['b/10/user', undefined, undefined, 'b/10/model']);
});
