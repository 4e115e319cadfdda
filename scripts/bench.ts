// `npm run bench`: builds what is measured, installs the peers where a whole run needs them, and runs `benchmarks/`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, quietly, root } from './bootstrap.mjs';
import { command } from './command.ts';

const args = process.argv.slice(2);
const packages = ['core', 'store-file', 'store-redis', 'store-mongo', 'store-dynamodb'];
process.exitCode = await build(...packages.map((name) => `@sess/${name}`));
if (process.exitCode === 0) {
  if (!args.includes('--quick')) await installPeers(join(root, 'benchmarks', 'peers'));
  process.exitCode = await command(process.execPath, [join('benchmarks', 'src', 'main.ts'), ...args]);
}

/** They have a lockfile of their own, so that nobody else downloads them. Without them, the rest is still measured. */
async function installPeers(folder: string): Promise<void> {
  if (!existsSync(join(folder, 'package.json'))) return;
  console.error('sess: installing the peers that are measured beside sess ...');
  const status = await quietly('pnpm', ['install', '--frozen-lockfile'], process.env, folder);
  if (status !== 0) console.error('sess: the peers cannot be installed, and are left out.');
}
