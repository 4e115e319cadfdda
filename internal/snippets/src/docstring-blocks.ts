import { parse } from 'comment-parser';
import { type CodeBlock, codeBlock } from './code-block.ts';
import { markdownBlocks } from './markdown-blocks.ts';

/** The code blocks of every `@example` in the docstrings of a source file. */
export function docstringBlocks(source: string): CodeBlock[] {
  const examples = parse(source)
    .flatMap(({ tags }) => tags)
    .filter(({ tag }) => tag === 'example');
  return examples.flatMap((example) => {
    const lines = example.source.map((line) => line.source.replace(/^\s*\* ?/, '').replace(/\s*\*\/$/, ''));
    const line = (example.source[0]?.number ?? 0) + 1;
    const blocks = markdownBlocks(lines.join('\n'), line);
    // An example that is not fenced would not be run.
    return blocks.length > 0 ? blocks : [codeBlock('an example without a fence', lines.join('\n'), line)];
  });
}
