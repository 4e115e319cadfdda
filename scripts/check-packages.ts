// Checks what would be published: packs each package and looks into the tarball, with publint, attw and rules of our own.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietly, root } from './bootstrap.mjs';
import { filesOf } from './tarball.ts';
import { publishedPackages } from './workspace.ts';

const allowedEverywhere = /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|dist\/.+|src\/.+)$/;
const allowedOnlyIn: Record<string, RegExp> = {
  '@sess/conformance': /^SPEC\.md$/,
  'create-sess-store': /^template\/.+$/,
};
const required = ['package.json', 'README.md', 'LICENSE'];
const testCode = /(^|\/)(test|tests|__tests__)\/|\.(test|spec|node-test|bench)\.[cm]?[jt]s/;
const machinePath = /\/(?:home|Users)\/[\w.-]+\/|\/root\/\w|[A-Z]:\\\\?Users\\/;

const problems: string[] = [];
const folder = mkdtempSync(join(tmpdir(), 'sess-packages-'));
try {
  for (const { folder: source, manifest } of publishedPackages()) {
    const tarball = join(folder, `${manifest.name.replaceAll('/', '-')}.tgz`);
    const steps: [string, string[]][] = [
      ['pnpm', ['--dir', source, 'pack', '--out', tarball]],
      ['publint', ['run', tarball, '--strict']],
      ['attw', [tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-emoji']],
    ];
    for (const [file, args] of steps) {
      if ((await quietly(file, args)) !== 0) problems.push(`${manifest.name}: ${file} failed`);
    }
    if (existsSync(tarball)) checkContent(manifest.name, tarball);
  }
} finally {
  rmSync(folder, { recursive: true });
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function checkContent(name: string, tarball: string): void {
  const files = filesOf(tarball);
  for (const file of required) if (!files.has(file)) problems.push(`${name}: ${file} is missing`);
  if (![...files.keys()].some((file) => file.startsWith('dist/'))) problems.push(`${name}: dist is empty`);
  console.log(`${name}: ${files.size} files`);
  for (const [file, text] of files) {
    const report = (problem: string) => problems.push(`${name}: ${file} ${problem}`);
    if (!allowedEverywhere.test(file) && !allowedOnlyIn[name]?.test(file)) report('does not belong into the package');
    // The tests of a template are what it is about.
    if (testCode.test(file) && !file.startsWith('template/')) report('is test code');
    if (text.includes(root) || machinePath.test(text)) report('names a path of the machine that built it');
    if (file === 'package.json' && /"(workspace|catalog):/.test(text))
      report('has an unresolved workspace: or catalog:');
  }
}
