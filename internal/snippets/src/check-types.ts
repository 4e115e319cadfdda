import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeBlock, Document } from './code-block.ts';
import { runCommand } from './run-command.ts';
import type { Workshop } from './workshop.ts';

const options = {
  compilerOptions: {
    module: 'nodenext',
    moduleDetection: 'force',
    target: 'es2023',
    types: ['node'],
    strict: true,
    allowJs: true,
    allowImportingTsExtensions: true,
    erasableSyntaxOnly: true,
    noEmit: true,
    skipLibCheck: true,
  },
  include: ['*/*.ts'],
};

/** What the compiler objects to, in one run over all blocks. */
export async function checkTypes(
  workshop: Workshop,
  documents: readonly Document[],
): Promise<ReadonlyMap<CodeBlock, readonly string[]>> {
  writeFileSync(join(workshop.folder, 'tsconfig.json'), JSON.stringify(options));
  const { stdout, problem } = await runCommand(workshop, workshop.folder, 'tsc', ['--pretty', 'false']);
  const found = [...stdout.matchAll(/^(\S+\.[jt]s)\((\d+),\d+\): error TS(\d+): (.*(?:\n .*)*)/gm)];
  if (problem !== undefined && found.length === 0) throw new Error(problem);

  const problems = new Map<CodeBlock, string[]>();
  for (const document of documents) {
    for (const block of document.blocks) {
      const file = workshop.fileOf(document, block);
      const own = found.filter(([, path = '', , code = '']) => {
        // Codes from 2000 on are about types, which a signature by itself cannot get right.
        return join(workshop.folder, path) === file && (block.treatment !== 'signature' || Number(code) < 2000);
      });
      problems.set(
        block,
        own.map(
          ([, , line, code, message]) => `${document.path}:${block.line + Number(line) - 1} TS${code} ${message}`,
        ),
      );
    }
  }
  return problems;
}
