import type { MessageInput } from './chat-messages.ts';
import { checkValue } from './schema.ts';
import { type MessageData, SessError, type ToolRequestPart } from './store/index.ts';
import type { Tool } from './tool.ts';
import { pendingInterrupts } from './tool-requests.ts';

/** What a tool that waits for it is answered. */
export interface InterruptAnswer {
  /** The `ref` of the tool request. */
  ref: string | undefined;
  /** What the tool would have returned. */
  output: unknown;
}

/**
 * A tool message that answers all the requests that wait at the end of a history. Throws INVALID_ARGUMENT where an
 * answer is missing, has no request, or does not fit the `outputSchema` of its tool.
 */
export async function interruptAnswers(
  history: readonly MessageData[],
  answers: readonly InterruptAnswer[],
  toolNamed: (name: string) => Tool | undefined,
): Promise<MessageInput> {
  const pending = pendingInterrupts(history);
  if (pending.length === 0) throw new SessError('INVALID_ARGUMENT', 'No tool waits for an answer here.');
  const areAnswers = Array.isArray(answers) && answers.every((answer) => typeof answer === 'object' && answer !== null);
  if (!areAnswers) throw new SessError('INVALID_ARGUMENT', 'The answers must be an array of objects.');
  const refs = answers.map(({ ref }) => ref);
  const unanswered = pending.map(({ toolRequest }) => toolRequest.ref).filter((ref) => !refs.includes(ref));
  const unasked = refs.filter((ref, index) => !pending.some(isOf(ref)) || refs.indexOf(ref) !== index);
  if (unanswered.length > 0 || unasked.length > 0) {
    const problems = [
      ...unanswered.map((ref) => `${ref} has no answer`),
      ...unasked.map((ref) => `${ref} is not asked`),
    ];
    throw new SessError('INVALID_ARGUMENT', `The answers must be those that are waited for: ${problems.join(', ')}.`);
  }
  const content = answers.map(async ({ ref, output }) => {
    const { name } = (pending.find(isOf(ref)) as ToolRequestPart).toolRequest;
    const checked = await checkValue(toolNamed(name)?.outputSchema, output, 'output');
    if (checked.issues === undefined) return { toolResponse: { name, ref, output: checked.value ?? null } };
    const places = checked.issues.map(({ place }) => place).join(', ');
    throw new SessError('INVALID_ARGUMENT', `The answer to ${ref} does not fit the tool ${name}: ${places}.`, {
      cause: checked.issues,
    });
  });
  return { role: 'tool', content: await Promise.all(content) };
}

function isOf(ref: string | undefined): (request: ToolRequestPart) => boolean {
  return ({ toolRequest }) => toolRequest.ref === ref;
}
