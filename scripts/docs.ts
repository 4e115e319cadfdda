// `npm run docs`: builds the site of the documents and the API reference into `docs/dist/site`, and checks its links.
// With `--serve`, serves it then.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, quietly, root } from './bootstrap.mjs';
import { command } from './command.ts';
import { checkLinks } from './docs/check-links.ts';
import { dist, documents, pageOf } from './docs/documents.ts';
import { checkSections } from './docs/sections.ts';

const site = join(root, 'docs', 'site');
const tool = (name: string) => join(site, 'node_modules', '.bin', name);

checkSections();
const steps: [string, () => Promise<number>][] = [
  ['install its tools', () => quietly('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], process.env, site)],
  ['build the packages', () => build()],
  ['copy the documents', async () => copyDocuments()],
  ['check its types', () => quietly(tool('tsc'), ['--project', site])],
  ['write the API reference', () => quietly(process.execPath, [join(site, 'write-reference.ts')])],
  ['build the site', () => quietly(tool('vitepress'), ['build', site])],
  ['check its links', async () => checkLinks(join(root, dist, 'site'), process.env.SESS_DOCS_BASE ?? '/')],
];
for (const [name, run] of steps) {
  const start = performance.now();
  const status = await run();
  console.log(
    `docs: ${name}: ${status === 0 ? 'done' : 'FAILED'} (${((performance.now() - start) / 1000).toFixed(1)} s)`,
  );
  if (status !== 0) process.exit(1);
}
console.log(`The site is in ${dist}/site.`);
if (process.argv.includes('--serve')) process.exitCode = await command(tool('vitepress'), ['preview', site]);

function copyDocuments(): number {
  rmSync(join(root, dist), { recursive: true, force: true });
  for (const document of documents) {
    const page = join(root, dist, 'pages', pageOf(document));
    mkdirSync(dirname(page), { recursive: true });
    cpSync(join(root, document), page);
  }
  return 0;
}
