import { checkValue } from './schema.ts';
import type { Session } from './session.ts';
import { SessError, type ToolRequestPart, type ToolResponsePart, toStored } from './store/index.ts';
import type { Tool, ToolContext } from './tool.ts';
import { describeIssues, errorResponse } from './tool-requests.ts';
import { unlessAborted } from './unless-aborted.ts';

/** What became of one request: a response, an interrupt, or neither, where the call was not waited for. */
export interface ToolOutcome {
  readonly request: ToolRequestPart;
  readonly response?: ToolResponsePart;
  /** What to tell whoever answers from outside. */
  readonly interrupt?: unknown;
}

/** Calls one tool. A fatal error of it fires `fatal`, and `ended` by it, which ends all calls of the round. */
export async function callTool<S>(
  session: Session<S>,
  tool: Tool,
  request: ToolRequestPart,
  ended: AbortSignal,
  fatal: AbortController,
): Promise<ToolOutcome> {
  const { name, ref = '', input } = request.toolRequest;
  const timeout = new AbortController();
  const signal = AbortSignal.any([ended, timeout.signal]);
  const timer = tool.timeoutMs && setTimeout(() => timeout.abort(tooLong(tool)), tool.timeoutMs);
  let interrupt: unknown;
  const context: ToolContext<S> = {
    session,
    signal,
    ref,
    interrupt(metadata) {
      interrupt = toStored(metadata || true, 'metadata');
      throw new Error('The call is interrupted, to be answered from outside.');
    },
  };
  try {
    const output = await unlessAborted(outputOf(tool, input, context), signal);
    return interrupt ? { request, interrupt } : { request, response: { toolResponse: { name, ref, output } } };
  } catch (error) {
    if (ended.aborted) return { request };
    if (interrupt) return { request, interrupt };
    if (SessError.is(error, 'TOOL_FAILED')) fatal.abort(error);
    return { request, response: errorResponse(request.toolRequest, messageOf(error)) };
  } finally {
    clearTimeout(timer);
  }
}

/** What a tool returns for an input, as it is stored. Throws what the model is to be told. */
async function outputOf<S>(tool: Tool, input: unknown, context: ToolContext<S>): Promise<unknown> {
  const given = await checkValue(tool.inputSchema, structuredClone(input), 'input');
  if (given.issues) throw new TypeError(describeIssues(given.issues));
  const returned = await checkValue(tool.outputSchema, await tool.run(given.value, context), 'output');
  if (returned.issues) throw new TypeError(describeIssues(returned.issues));
  return returned.value === undefined ? null : toStored(returned.value, 'output');
}

function tooLong({ timeoutMs }: Tool): Error {
  return new Error(`The call took longer than ${timeoutMs} ms; its outcome is unknown.`);
}

/** What the model is told of what a tool, or a schema, threw. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : error;
  return typeof message === 'string' && message !== '' ? message.toWellFormed() : 'The tool failed.';
}
