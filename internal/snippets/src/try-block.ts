import type { CodeBlock, Document } from './code-block.ts';
import { runBlock, unkeptPromises } from './run-block.ts';
import { runCommand } from './run-command.ts';
import { isRunnable, problemWith, shellCommands } from './shell-commands.ts';
import { knownInfoStrings } from './treatment.ts';
import type { Workshop } from './workshop.ts';

/** Does with a block what its info string asks for; types are checked elsewhere. Resolves to what is wrong with it. */
export async function tryBlock(workshop: Workshop, document: Document, block: CodeBlock): Promise<string[]> {
  switch (block.treatment) {
    case undefined:
      return [`unknown info string "${block.info}"; known: ${knownInfoStrings().join(', ')}`];
    case 'run':
      return tryProgram(workshop, document, block);
    case 'shell':
      return tryCommands(workshop, document, block);
    case 'json':
      return tryJson(block.code);
    case 'output':
      return expectedOutputOf(document, document.blocks[document.blocks.indexOf(block) - 1]) === block
        ? [] // compared where the program runs
        : ['there is no ts or js block right before it that prints this'];
    default:
      return [];
  }
}

async function tryProgram(workshop: Workshop, document: Document, block: CodeBlock): Promise<string[]> {
  const { stdout, problem } = await runBlock(workshop, document, block);
  if (problem !== undefined) return [problem];
  const problems = unkeptPromises(block, stdout).map((line) => `did not print: ${line}\nbut:\n${stdout}`);
  const expected = expectedOutputOf(document, block);
  if (expected !== undefined && stdout.trimEnd() !== expected.code.trimEnd()) {
    problems.push(`did not print:\n${expected.code}\nbut:\n${stdout}`);
  }
  return problems;
}

function expectedOutputOf(document: Document, program: CodeBlock | undefined): CodeBlock | undefined {
  if (program?.treatment !== 'run') return undefined;
  const next = document.blocks[document.blocks.indexOf(program) + 1];
  return next?.treatment === 'output' ? next : undefined;
}

async function tryCommands(workshop: Workshop, document: Document, block: CodeBlock): Promise<string[]> {
  const problems: string[] = [];
  for (const command of shellCommands(block.code)) {
    const problem = isRunnable(command)
      ? (await runCommand(workshop, workshop.folderOf(document), 'sh', ['-c', command])).problem
      : problemWith(command);
    if (problem !== undefined) problems.push(`${command}: ${problem}`);
  }
  return problems;
}

function tryJson(code: string): string[] {
  try {
    JSON.parse(code);
    return [];
  } catch (error) {
    return [String(error)];
  }
}
