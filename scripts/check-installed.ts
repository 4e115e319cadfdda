// Installs the packed packages into clean folders outside of the repository, and runs there what their READMEs show.
// Compares what they weigh with the table in `docs/packages.md`. With `--update`, writes that.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quietly, root } from './bootstrap.mjs';
import { CleanFolders } from './clean-folders.ts';
import { inReadingOrder } from './docs/sections.ts';
import { checkSizes, type PackageSizes, packageSizes, writeSizes } from './package-sizes.ts';
import { tryKit } from './try-kit.ts';
import { driversOf, entriesOf, isImported, publishedPackages } from './workspace.ts';

const { version } = JSON.parse(readFileSync(join(root, 'node_modules/vitest/package.json'), 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'sess-installed-'));
const folders = new CleanFolders(folder);
const tarballOf = (name: string) => join(folder, `${name.replaceAll('/', '-')}.tgz`);
const core = tarballOf('@sess/core');
try {
  for (const { folder: source, manifest } of publishedPackages()) {
    const pack = ['--dir', source, 'pack', '--out', tarballOf(manifest.name)];
    await folders.trials.run(manifest.name, 'pack', async () => (await quietly('pnpm', pack)) === 0);
  }
  await tryKit(folders, core, tarballOf('@sess/conformance'), `vitest@${version}`);

  const sizes: PackageSizes[] = [];
  for (const published of inReadingOrder(publishedPackages())) {
    const { manifest } = published;
    if (!isImported(manifest)) continue;
    const name = manifest.name.slice('@sess/'.length);
    const user = await folders.install(name, [core, tarballOf(manifest.name), ...driversOf(manifest)]);
    sizes.push(packageSizes(published, tarballOf(manifest.name), user));
    // The kit's entries are loaded by what runs it.
    if (manifest.name === '@sess/conformance') continue;
    const load = entriesOf(manifest).map((entry) => `await import('${entry}');`);
    await folders.run(user, ['node', '--input-type=module', '--eval', load.join(' ')], { shown: 'loads' });
  }
  if (process.argv.includes('--update')) writeSizes(sizes);
  else await folders.trials.run('docs/packages.md', 'says what the packages weigh', async () => checkSizes(sizes));
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = folders.trials.failed ? 1 : 0;
