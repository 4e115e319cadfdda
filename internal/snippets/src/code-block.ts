import { type Treatment, treatmentOf } from './treatment.ts';

/** A block of code in a document. */
export interface CodeBlock {
  /** What stands behind the opening fence: `ts`, `text output`. */
  readonly info: string;
  /** undefined: the info string is none that we know. */
  readonly treatment: Treatment | undefined;
  readonly code: string;
  /** The line of the document on which the code begins. */
  readonly line: number;
}

/** A Markdown page, or a source file with examples in its docstrings. */
export interface Document {
  /** Relative to the root of the repository, with slashes. */
  readonly path: string;
  readonly blocks: readonly CodeBlock[];
}

export function codeBlock(info: string, code: string, line: number): CodeBlock {
  return { info, treatment: treatmentOf(info), code, line };
}

/** The name that the first line of a block gives it: `// my-store.target.js`. */
export function fileNameIn(block: CodeBlock): string | undefined {
  return /^\/\/ ([\w.-]+\.[jt]s)$/.exec(block.code.split('\n', 1)[0] ?? '')?.[1];
}

/** The name of the file that a block is written to. */
export function fileNameOf(block: CodeBlock): string {
  const extension = block.info.startsWith('js') ? 'js' : 'ts';
  return fileNameIn(block) ?? `line-${block.line}${isVitestFile(block) ? '.test' : ''}.${extension}`;
}

export function isVitestFile(block: CodeBlock): boolean {
  return /from '(?:[^']*\/)?vitest'/.test(block.code);
}
