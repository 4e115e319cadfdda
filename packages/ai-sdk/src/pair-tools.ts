import type {
  LanguageModelV4Message,
  LanguageModelV4ToolCallPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider';

type ToolMessage = Extract<LanguageModelV4Message, { role: 'tool' }>;
type AssistantMessage = Extract<LanguageModelV4Message, { role: 'assistant' }>;

/**
 * Has every tool call answered directly behind it, and drops answers without a call: no provider takes a history with
 * either. Calls without an id, as Genkit stored them, get one, and are answered in their order.
 */
export function pairTools(messages: readonly LanguageModelV4Message[]): LanguageModelV4Message[] {
  const paired: LanguageModelV4Message[] = [];
  let open: LanguageModelV4ToolCallPart[] = [];
  const closeRound = () => {
    if (open.length > 0) paired.push({ role: 'tool', content: open.map(lostResult) });
    open = [];
  };
  for (const message of messages) {
    if (message.role === 'tool') {
      const content = message.content.flatMap((part): ToolMessage['content'] =>
        part.type === 'tool-result' ? answer(open, part) : [part],
      );
      if (content.length > 0) paired.push({ ...message, content } satisfies ToolMessage);
      continue;
    }
    closeRound();
    const named = message.role === 'assistant' ? nameCalls(message, paired.length) : message;
    if (named.role === 'assistant') open = named.content.filter(isToolCall);
    paired.push(named);
  }
  closeRound();
  return paired;
}

function nameCalls(message: AssistantMessage, place: number): AssistantMessage {
  const content = message.content.map((part, index) =>
    isToolCall(part) && part.toolCallId === '' ? { ...part, toolCallId: `call_${place}_${index}` } : part,
  );
  return { ...message, content };
}

/** The answer, under its call's id, which is no longer open; nothing where no call waits for it. */
function answer(
  open: LanguageModelV4ToolCallPart[],
  result: LanguageModelV4ToolResultPart,
): LanguageModelV4ToolResultPart[] {
  const { toolCallId: id, toolName } = result;
  const index = open.findIndex((call) => (id === '' ? call.toolName === toolName : call.toolCallId === id));
  const [call] = index < 0 ? [] : open.splice(index, 1);
  return call === undefined ? [] : [{ ...result, toolCallId: call.toolCallId }];
}

function lostResult({ toolCallId, toolName }: LanguageModelV4ToolCallPart): LanguageModelV4ToolResultPart {
  const output = { type: 'error-text', value: 'The call was interrupted; its outcome is unknown.' } as const;
  return { type: 'tool-result', toolCallId, toolName, output };
}

/** Whether a part is a call that the application answers; the provider answers the calls of its own tools. */
function isToolCall(part: AssistantMessage['content'][number]): part is LanguageModelV4ToolCallPart {
  return part.type === 'tool-call' && part.providerExecuted !== true;
}
