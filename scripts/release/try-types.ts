import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Trials } from '../trials.ts';

const options = {
  compilerOptions: {
    module: 'nodenext',
    moduleDetection: 'force',
    target: 'es2022',
    lib: ['es2023', 'esnext.disposable'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    // So that our declarations are checked too.
    skipLibCheck: false,
    declaration: false,
  },
  include: ['*/program.ts', '*/entries.ts'],
};

/** Compiles the programs of the folders below `parent`, each against what is installed in its own folder. */
export async function tryTypes(parent: string, compilers: Record<string, string>, trials: Trials): Promise<void> {
  writeFileSync(join(parent, 'tsconfig.json'), JSON.stringify(options));
  for (const [version, compiler] of Object.entries(compilers)) {
    await trials.run('types', `TypeScript ${version}`, async () => {
      const args = [compiler, '--project', '.', '--pretty', 'false'];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: parent, encoding: 'utf8' });
      const errors = stdout.split('\n').filter((line) => /error TS\d+/.test(line) && !isOfSomebodyElse(line));
      if (errors.length > 0) throw new Error(errors.join('\n'));
      if (status !== 0 && stdout.trim() === '') throw new Error(stderr || `exit code ${status}`);
    });
  }
}

/** What others declare wrongly is not ours to repair. */
function isOfSomebodyElse(line: string): boolean {
  const [path = ''] = line.split('(', 1);
  return path.includes('node_modules/') && !/node_modules\/@sess\/[^:]*$/.test(path);
}
