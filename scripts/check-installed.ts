// Installs the packed packages into clean folders outside of the repository, and runs there what their READMEs show.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileNameIn } from '../internal/snippets/src/code-block.ts';
import { markdownBlocks } from '../internal/snippets/src/markdown-blocks.ts';
import { quietly, root } from './bootstrap.mjs';
import { publishedPackages } from './workspace.ts';

const vitest = `vitest@${JSON.parse(readFileSync(join(root, 'node_modules/vitest/package.json'), 'utf8')).version}`;
const folder = mkdtempSync(join(tmpdir(), 'sess-installed-'));
const problems: string[] = [];
try {
  const tarballs = await pack();
  const kit = ['@sess/core', '@sess/conformance'].map((name) => tarballs[name] ?? name);

  const withVitest = await install('with-vitest', [...kit, vitest], 'conformance/README.md');
  await run(withVitest, ['npx', 'vitest', 'run', 'my-store.test.js']);

  const alone = await install('alone', kit, 'conformance/README.md');
  if (readdirSync(join(alone, 'node_modules')).includes('vitest')) problems.push('the kit brings Vitest with it');
  await run(alone, ['node', '--test', 'my-store.node-test.js']);
  await run(alone, ['npx', 'sess-conformance', './my-store.target.js', '--report', 'report.json']);

  const author = await install('author', [...kit, vitest], 'docs/writing-a-store.md');
  await run(author, ['npx', 'sess-conformance', './map-store.target.js']);

  for (const [name, tarball] of Object.entries(tarballs)) {
    if (['@sess/core', '@sess/conformance'].includes(name)) continue;
    const user = await install(name.slice('@sess/'.length), [...kit.slice(0, 1), tarball]);
    const load = `await import('@sess/core'); if (Object.keys(await import('${name}')).length === 0) process.exit(1);`;
    await run(user, ['node', '--input-type=module', '--eval', load]);
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The tarball of each published package, by its name. */
async function pack(): Promise<Record<string, string>> {
  const tarballs: Record<string, string> = {};
  for (const { folder: source, manifest } of publishedPackages()) {
    const tarball = join(folder, `${manifest.name.replaceAll('/', '-')}.tgz`);
    if ((await quietly('pnpm', ['--dir', source, 'pack', '--out', tarball])) !== 0)
      problems.push(`${manifest.name}: pack`);
    tarballs[manifest.name] = tarball;
  }
  return tarballs;
}

/** A clean folder with the packages installed by npm, and the named files of a document. */
async function install(name: string, packages: readonly string[], document?: string): Promise<string> {
  const clean = join(folder, name);
  mkdirSync(clean);
  writeFileSync(join(clean, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  const flags = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline'];
  if ((await quietly('npm', ['--prefix', clean, 'install', ...flags, ...packages])) !== 0)
    problems.push(`${name}: npm install`);
  for (const block of document === undefined ? [] : markdownBlocks(readFileSync(join(root, document), 'utf8'))) {
    const file = fileNameIn(block);
    if (file !== undefined) writeFileSync(join(clean, file), block.code);
  }
  return clean;
}

async function run(clean: string, [file = '', ...args]: readonly string[]): Promise<void> {
  const shown = [file, ...args.filter((arg) => !arg.includes(' '))].join(' ');
  const status = await quietly('sh', ['-c', 'cd "$0" && exec "$@"', clean, file, ...args]);
  console.log(`${status === 0 ? 'passed' : 'FAILED'}  ${clean.slice(folder.length + 1)}: ${shown}`);
  if (status !== 0) problems.push(`${clean.slice(folder.length + 1)}: ${shown} failed`);
}
