import type {
  LanguageModelV4Content,
  LanguageModelV4GenerateResult,
  LanguageModelV4Reasoning,
  LanguageModelV4StreamPart,
  LanguageModelV4Text,
} from '@ai-sdk/provider';
import type { Part } from '@sess/core';
import { brokenOff } from './call-error.ts';
import { fromContent } from './from-content.ts';
import type { LanguageModelStream } from './language-model.ts';

/** What has been gathered of an answer; the end of it tells how it ended. */
type Gathered = Pick<LanguageModelV4GenerateResult, 'content' | 'warnings' | 'response'> &
  Partial<Pick<LanguageModelV4GenerateResult, 'finishReason' | 'usage' | 'providerMetadata'>>;

type Block = LanguageModelV4Text | LanguageModelV4Reasoning;

/** Reads an answer to its end, showing it piece by piece. An abort, and an error, cancel the rest. */
export async function readStream(
  stream: LanguageModelStream,
  signal: AbortSignal,
  show: (content: Part[]) => void,
): Promise<LanguageModelV4GenerateResult> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', cancel);
  try {
    const gathered: Gathered = { content: [], warnings: [], response: {} };
    const blocks = new Map<string, Block>();
    for (;;) {
      signal.throwIfAborted();
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) break;
      const shown = gather(gathered, blocks, value as LanguageModelV4StreamPart);
      if (shown.length > 0) show(shown);
    }
    const { finishReason, usage } = gathered;
    if (finishReason === undefined || usage === undefined) throw brokenOff();
    return { ...gathered, finishReason, usage };
  } catch (error) {
    cancel();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Adds a piece to what was gathered. Returns what there is to show of it. */
function gather(gathered: Gathered, blocks: Map<string, Block>, piece: LanguageModelV4StreamPart): Part[] {
  switch (piece.type) {
    case 'text-start':
    case 'text-delta':
    case 'text-end':
    case 'reasoning-start':
    case 'reasoning-delta':
    case 'reasoning-end':
      return gatherBlock(gathered.content, blocks, piece);
    case 'tool-call':
    case 'tool-result':
    case 'tool-approval-request':
    case 'custom':
    case 'file':
    case 'reasoning-file':
    case 'source':
      gathered.content.push(piece);
      return fromContent(piece);
    case 'stream-start':
      gathered.warnings.push(...piece.warnings);
      return [];
    case 'response-metadata': {
      const { type: _, ...response } = piece;
      Object.assign(gathered.response ?? {}, response);
      return [];
    }
    case 'finish': {
      const { type: _, ...finish } = piece;
      Object.assign(gathered, finish);
      return [];
    }
    case 'error':
      throw piece.error;
    default:
      return []; // the input of a tool as it is written, raw pieces, signs of life
  }
}

type BlockPiece = Extract<LanguageModelV4StreamPart, { type: `${Block['type']}-${'start' | 'delta' | 'end'}` }>;

function gatherBlock(content: LanguageModelV4Content[], blocks: Map<string, Block>, piece: BlockPiece): Part[] {
  const { type, id, providerMetadata } = piece;
  const kind = type.startsWith('text') ? 'text' : 'reasoning';
  const key = `${kind} ${id}`;
  const known = type.endsWith('-start') ? undefined : blocks.get(key);
  const block: Block = known ?? { type: kind, text: '' };
  if (known === undefined) {
    blocks.set(key, block);
    content.push(block);
  }
  if (providerMetadata !== undefined) block.providerMetadata = providerMetadata;
  if (piece.type === 'text-end' && piece.citations) (block as LanguageModelV4Text).citations = piece.citations;
  if (!('delta' in piece) || piece.delta === '') return [];
  block.text += piece.delta;
  return [kind === 'text' ? { text: piece.delta } : { reasoning: piece.delta }];
}
