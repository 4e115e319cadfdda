import type { Code, Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { type CodeBlock, codeBlock } from './code-block.ts';

/** The code blocks of a Markdown text whose first line is line `firstLine` of its document. */
export function markdownBlocks(markdown: string, firstLine = 1): CodeBlock[] {
  return codeNodes(fromMarkdown(markdown)).map((node) => {
    const info = [node.lang, node.meta].filter((word) => word != null).join(' ');
    const fence = firstLine - 1 + (node.position?.start.line ?? 0);
    return codeBlock(info, node.value, fence + 1);
  });
}

function codeNodes(node: Nodes): Code[] {
  if (node.type === 'code') return [node];
  return 'children' in node ? node.children.flatMap(codeNodes) : [];
}
