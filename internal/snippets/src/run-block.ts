import { type CodeBlock, type Document, fileNameOf, isVitestFile } from './code-block.ts';
import { type CommandResult, runCommand } from './run-command.ts';
import type { Workshop } from './workshop.ts';

/** Runs a block of code: as a Vitest file where it imports a Vitest entry, as a program otherwise. */
export function runBlock(workshop: Workshop, document: Document, block: CodeBlock): Promise<CommandResult> {
  const folder = workshop.folderOf(document);
  const file = fileNameOf(block);
  return isVitestFile(block)
    ? runCommand(workshop, folder, 'vitest', ['run', '--root', '.', file])
    : runCommand(workshop, folder, process.execPath, [file]);
}

/** What the comments behind `console.log(...)` promise and the program did not print. */
export function unkeptPromises(block: CodeBlock, stdout: string): string[] {
  const printed = new Set(stdout.split('\n').map((line) => line.trim()));
  const promised = [...block.code.matchAll(/console\.log\(.*\);? \/\/ (.+)$/gm)].map(([, comment = '']) =>
    comment.trim(),
  );
  return promised.filter((line) => !printed.has(line));
}
