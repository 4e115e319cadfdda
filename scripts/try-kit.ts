import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CleanFolders } from './clean-folders.ts';

/**
 * Puts the small third-party stores of the documents through the installed kit: with Vitest, with node:test and with its
 * command. Core, the kit and Vitest are named as npm takes them.
 */
export async function tryKit(folders: CleanFolders, core: string, kit: string, vitest: string): Promise<void> {
  const readme = { document: 'conformance/README.md' };
  const withVitest = await folders.install('kit-with-vitest', [core, kit, vitest], readme);
  await folders.run(withVitest, ['npx', 'vitest', 'run', 'my-store.test.js']);

  const alone = await folders.install('kit-alone', [core, kit], readme);
  await folders.trials.run('kit-alone', 'does not bring Vitest', async () => {
    return !readdirSync(join(alone, 'node_modules')).includes('vitest');
  });
  await folders.run(alone, ['node', '--test', 'my-store.node-test.js']);
  await folders.run(alone, ['npx', 'sess-conformance', './my-store.target.js', '--report', 'report.json']);

  const author = await folders.install('kit-author', [core, kit], { document: 'docs/writing-a-store.md' });
  await folders.run(author, ['npx', 'sess-conformance', './map-store.target.js']);
}
