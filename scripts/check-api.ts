// Compares the public API of each package with the reports in its folder `api`. With `--update`, writes those.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, root } from './bootstrap.mjs';
import { command } from './command.ts';
import { publicApi } from './public-api.ts';
import { filesBelow, publishedPackages, type WorkspacePackage } from './workspace.ts';

if ((await build()) !== 0) process.exit(1);
const update = process.argv.includes('--update');
const temporary = mkdtempSync(join(tmpdir(), 'sess-api-'));
let wrong = 0;
try {
  for (const published of publishedPackages()) await compare(published, publicApi(published, temporary));
} finally {
  rmSync(temporary, { recursive: true });
}
if (wrong > 0) console.error('The public API has changed. If it should: npm run api:update, and a changeset.');
process.exitCode = wrong > 0 ? 1 : 0;

async function compare({ folder, manifest }: WorkspacePackage, reports: Map<string, string>): Promise<void> {
  const kept = filesBelow(folder, 'api', /\.api\.md$/).map((file) => file.slice('api/'.length));
  const changed = [...new Set([...reports.keys(), ...kept])].filter((name) => {
    return !kept.includes(name) || readFileSync(join(root, folder, 'api', name), 'utf8') !== reports.get(name);
  });
  console.log(`${manifest.name}: ${reports.size} entries, ${changed.length} ${update ? 'updated' : 'changed'}`);
  for (const name of changed) {
    const file = join(root, folder, 'api', name);
    const text = reports.get(name);
    if (update) {
      mkdirSync(join(root, folder, 'api'), { recursive: true });
      if (text === undefined) rmSync(file);
      else writeFileSync(file, text);
      continue;
    }
    wrong += 1;
    const now = join(temporary, name);
    writeFileSync(now, text ?? '');
    // Shows what has changed; that the files differ is known.
    const before = kept.includes(name) ? file : '/dev/null';
    await command('git', ['--no-pager', 'diff', '--no-index', before, now]);
  }
}
