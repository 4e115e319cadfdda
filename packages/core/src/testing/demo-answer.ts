import { textOf } from '../chat-response.ts';
import type { MessageData } from '../store/index.ts';

/** `My name is Pavel`, `my favourite colour is green`: up to the end of the sentence or the next such statement. */
const statement = /\bmy ([\p{L}\p{N}' -]+?) (is|are) ([^.!?;,\n]+?)(?=\s*(?:[.!?;,\n]|and my\b|$))/giu;
/** `What is my name?`, `Do you remember my favourite colour?` */
const question = /\bmy ([\p{L}\p{N}' -]+?)\s*\?*$/iu;

interface Fact {
  key: string;
  verb: string;
  value: string;
}

/** The demo model's answer to a conversation: it knows what stands in the messages, and nothing else. */
export function demoAnswer(messages: readonly MessageData[]): string {
  const said = messages.filter(({ role }) => role === 'user').map((message) => textOf(message).trim());
  const last = said.at(-1) ?? '';
  const facts = new Map(said.flatMap(factsIn).map((fact) => [fact.key, fact]));

  const told = factsIn(last);
  if (told.length > 0) return acknowledge(told);

  if (/\bhow many (?:messages|times)\b/i.test(last)) {
    return `You have sent ${said.length} ${said.length === 1 ? 'message' : 'messages'} in this thread.`;
  }
  if (/\babout me\b|\bwho am i\b/i.test(last)) return summary([...facts.values()]);

  const asked = question.exec(last)?.[1]?.toLowerCase();
  if (asked !== undefined) {
    const fact = facts.get(asked);
    return fact === undefined ? `You have not told me your ${asked} in this thread.` : `${upperFirst(sentence(fact))}.`;
  }
  if (/^(?:hello|hi|hey|good (?:morning|day|evening))\b/i.test(last)) {
    const name = facts.get('name');
    return name === undefined ? 'Hello! What is your name?' : `Hello again, ${name.value}!`;
  }
  if (/^\/?help\b|\bwhat can you do\b/i.test(last)) return help;
  return `You said "${last}". I am only a demo: ask me "what can you do?".`;
}

const help = [
  'Tell me "my name is Pavel" or "my favourite colour is green",',
  'and ask "what is my name?", "what do you know about me?" or "how many messages?".',
  'All I know is what stands in this thread.',
].join(' ');

function factsIn(text: string): Fact[] {
  return [...text.matchAll(statement)].map(([, key = '', verb = '', value = '']) => ({
    key: key.toLowerCase(),
    verb: verb.toLowerCase(),
    value,
  }));
}

function acknowledge(told: readonly Fact[]): string {
  const name = told.find(({ key }) => key === 'name');
  const others = told.filter(({ key }) => key !== 'name');
  const greeting = name === undefined ? [] : [`Nice to meet you, ${name.value}.`];
  const noted = others.length === 0 ? [] : [`I will remember that ${others.map(sentence).join(' and ')}.`];
  return [...greeting, ...noted].join(' ');
}

function summary(facts: readonly Fact[]): string {
  if (facts.length === 0) return 'You have told me nothing about yourself in this thread.';
  return facts.map((fact) => `${upperFirst(sentence(fact))}.`).join(' ');
}

function sentence({ key, verb, value }: Fact): string {
  return `your ${key} ${verb} ${value}`;
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
