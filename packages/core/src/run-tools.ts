import { callTool, messageOf, type ToolOutcome } from './call-tool.ts';
import type { HandOver } from './chat-messages.ts';
import type { Prompt } from './prompt.ts';
import { isTool } from './registry.ts';
import { checkValue } from './schema.ts';
import type { Session } from './session.ts';
import type { MessageData, Part, ToolRequestPart, ToolResponsePart } from './store/index.ts';
import type { Tool } from './tool.ts';
import { describeIssues, errorResponse, toolRequestsOf } from './tool-requests.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What became of a model's tool requests. */
export interface ToolRound {
  /** The model's message, with `metadata.interrupt` on the requests that wait for answers from outside. */
  readonly asked: MessageData;
  readonly responses: ToolResponsePart[];
  /** Whether a request waits for an answer from outside. */
  readonly isInterrupted: boolean;
  /** To which prompt the conversation goes over. */
  readonly handOver: HandOver | undefined;
}

/**
 * Runs what a model's message asks for, all at once. What goes wrong is told to the model as the answer. A fatal error
 * of a tool fires `fatal`, and `signal` by it. When that fires, nothing is waited for any more: every request then has
 * an answer, and none waits for one from outside.
 */
export async function runTools<S>(
  session: Session<S>,
  tools: ReadonlyMap<string, Tool | Prompt>,
  message: MessageData,
  signal: AbortSignal,
  fatal: AbortController,
): Promise<ToolRound> {
  let handOver: HandOver | undefined;

  const answer = async (request: ToolRequestPart): Promise<ToolOutcome> => {
    const { name, input, ref } = request.toolRequest;
    const refused = (error: string) => ({ request, response: errorResponse(request.toolRequest, error) });
    const tool = tools.get(name);
    if (tool === undefined) return refused(`There is no tool ${name}.`);
    if (isTool(tool)) return callTool(session, tool, request, signal, fatal);
    try {
      const { issues } = await unlessAborted(checkValue(tool.options.input, input, 'input'), signal);
      if (issues) return refused(describeIssues(issues));
    } catch (error) {
      return signal.aborted ? { request } : refused(messageOf(error));
    }
    if (handOver) return refused(`The conversation is transferred to ${handOver.prompt} already.`);
    handOver = { prompt: name, ...(tool.options.input && { input }) };
    return { request, response: { toolResponse: { name, ref, output: `transferred to ${name}` } } };
  };

  const outcomes = await Promise.all(toolRequestsOf(message).map(answer));
  const interrupts = new Map<Part, unknown>(
    outcomes.flatMap(({ request, interrupt }) => (interrupt && !signal.aborted ? [[request, interrupt]] : [])),
  );
  const responses = outcomes.flatMap(({ request, response }) => {
    if (interrupts.has(request)) return [];
    return response ?? errorResponse(request.toolRequest, 'The call was stopped; its outcome is unknown.');
  });
  const content = message.content.map((part) =>
    interrupts.has(part) ? { ...part, metadata: { ...part.metadata, interrupt: interrupts.get(part) } } : part,
  );
  return { asked: { ...message, content }, responses, isInterrupted: interrupts.size > 0, handOver };
}
