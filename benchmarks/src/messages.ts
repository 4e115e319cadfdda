import { type SeededRandom, seededRandom } from '@sess/store-tests/seeded-random';
import type { Message } from './contender.ts';

const KILOBYTE = 1_024;
/** Every so many turns, the model uses a tool. */
const TOOL_EVERY = 10;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz     ';
/** What all texts are cut from. */
const NOISE = makeNoise(64 * KILOBYTE);

/** The messages of a turn, always the same: 1 KB + 1 KB of text, and with each tenth turn a tool pair of 8 KB. */
export function turnMessages(turn: number, writer: number | string = 0): Message[] {
  const name = (role: string) => `${writer}/${turn}/${role}: `;
  const random = seededRandom(turn);
  const question: Message = { role: 'user', content: [{ text: fill(name('user'), KILOBYTE, random) }] };
  const answer: Message = { role: 'model', content: [{ text: fill(name('model'), KILOBYTE, random) }] };
  if (turn % TOOL_EVERY !== 0) return [question, answer];
  const ref = `ref-${turn}`;
  const input = { query: fill(name('input'), KILOBYTE, random) };
  const output = { found: fill(name('output'), 7 * KILOBYTE, random) };
  return [
    question,
    { role: 'model', content: [{ toolRequest: { name: 'search', ref, input } }] },
    { role: 'tool', content: [{ toolResponse: { name: 'search', ref, output } }] },
    answer,
  ];
}

/** So many messages of 1 KB. */
export function manyMessages(count: number): Message[] {
  return Array.from({ length: count / 2 }, (_, index) => turnMessages(index * TOOL_EVERY + 1)).flat();
}

/** The name of a text message of {@link turnMessages}: `writer/turn/role`. Undefined for one of a tool. */
export function nameOf({ content }: Message): string | undefined {
  const [part] = content;
  return part !== undefined && 'text' in part ? part.text.slice(0, part.text.indexOf(':')) : undefined;
}

/** The bytes of the messages' JSON in UTF-8. */
export function contentBytes(messages: readonly Message[]): number {
  return messages.reduce((total, message) => total + Buffer.byteLength(JSON.stringify(message)), 0);
}

function fill(start: string, length: number, random: SeededRandom): string {
  const from = random.below(NOISE.length - length);
  return start + NOISE.slice(from, from + length - start.length);
}

function makeNoise(length: number): string {
  const random = seededRandom(1);
  return Array.from({ length }, () => LETTERS[random.below(LETTERS.length)]).join('');
}
