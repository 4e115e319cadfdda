// Checked by the compiler only: what tools, prompts and outputs infer, and what must not compile.
import { type ChatResponse, type Prompt, type Session, sess, type Tool, type Turn } from '@sess/core';
import { z } from 'zod';
import { z as z3 } from 'zod/v3';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(_: Same<A, B>): void {}

interface State {
  count: number;
}
const ai = sess<State>();

export const add = ai.defineTool(
  {
    name: 'add',
    description: 'Adds.',
    inputSchema: z.object({ a: z.number(), b: z.number().default(0) }),
    outputSchema: z.object({ sum: z.number() }),
  },
  (input, { session, signal, ref, interrupt }) => {
    same<typeof input, { a: number; b: number }>(true);
    same<typeof session, Session<State>>(true);
    same<typeof signal, AbortSignal>(true);
    same<typeof ref, string>(true);
    if (input.a < 0) interrupt({ reason: 'negative' });
    return { sum: input.a + input.b };
  },
);
same<typeof add, Tool<{ a: number; b: number }, { sum: number }>>(true);

ai.defineTool({ name: 'async', description: '', outputSchema: z.string() }, async () => 'text');
ai.defineTool({ name: 'free', description: '' }, (input) => {
  same<typeof input, unknown>(true);
  return new Map();
});

// @ts-expect-error the output does not fit its schema
ai.defineTool({ name: 'wrong', description: '', outputSchema: z.object({ sum: z.number() }) }, () => ({ sum: 'one' }));
// @ts-expect-error a description is all that a model knows of a tool
ai.defineTool({ name: 'mute' }, () => 0);
// @ts-expect-error zod 3 cannot tell its JSON Schema
ai.defineTool({ name: 'old', description: '', inputSchema: z3.object({ a: z3.number() }) }, () => 0);
ai.defineTool(
  { name: 'old', description: '', inputSchema: { schema: z3.object({ a: z3.number() }), jsonSchema: {} } },
  (input) => {
    same<typeof input, { a: number }>(true);
  },
);
ai.defineTool({ name: 'json', description: '', inputSchema: { jsonSchema: { type: 'object' } } }, (input) => {
  same<typeof input, unknown>(true);
});

ai.defineInterrupt({
  name: 'confirm',
  description: '',
  inputSchema: z.object({ amount: z.number() }),
  requestMetadata: (input) => {
    same<typeof input, { amount: number }>(true);
    return input.amount;
  },
});

const explain = ai.definePrompt({
  name: 'explain',
  input: z.object({ topic: z.string(), style: z.string().default('plain') }),
  system: ({ state, input, session }) => {
    same<typeof state, State>(true);
    same<typeof input, { topic: string; style: string }>(true);
    same<typeof session, Session<State> | undefined>(true);
    return input.topic;
  },
  tools: [add, 'async'],
});
same<typeof explain, Prompt<{ topic: string; style?: string | undefined }>>(true);
ai.chat(explain, { input: { topic: 'law' } });
ai.createSession().chat('thread', explain, { input: { topic: 'law', style: 'few' }, window: 3 });
explain.render({ topic: 'law' });
// @ts-expect-error the input is wanted
explain.render();
// @ts-expect-error a topic is a text
ai.chat(explain, { input: { topic: 7 } });
ai.definePrompt({ name: 'plain', system: 'Hi.' }).render();

const recipe = z.object({ title: z.string().transform((title) => title.length) });
export async function outputs(): Promise<void> {
  const chat = ai.chat({ tools: [add, explain, 'async'] });
  const turn = chat.send('?', { output: { schema: recipe } });
  same<typeof turn, Turn<{ title: number }>>(true);
  same<Awaited<typeof turn>, ChatResponse<{ title: number }>>(true);
  same<(typeof turn)['result'], typeof turn>(true);
  const { output } = await chat.send({ prompt: '?', output: { schema: recipe } });
  same<typeof output, { title: number }>(true);
  same<Awaited<ReturnType<typeof chat.respond>>['output'], unknown>(true);
  same<Awaited<ReturnType<Session<State>['send']>>['output'], unknown>(true);
  const { output: untyped } = await chat.send('?', { output: { format: 'json', jsonSchema: {} } });
  same<typeof untyped, unknown>(true);
  const { output: old } = await chat.send('?', { output: { schema: { schema: z3.number(), jsonSchema: {} } } });
  same<typeof old, number>(true);
  // @ts-expect-error zod 3 cannot tell its JSON Schema
  chat.send('?', { output: { schema: z3.number() } });
}
