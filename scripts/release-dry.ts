// `npm run release:dry`: rehearses a release. Versions, builds and publishes a copy of the repository to a registry of its
// own on this machine, and tries there what was published, as its users would. Leaves nothing behind.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endCommands, root } from './bootstrap.mjs';
import { CleanFolders } from './clean-folders.ts';
import { LocalRegistry } from './release/local-registry.ts';
import { publishCopy } from './release/publish-copy.ts';
import { installTools, type RehearsalTools } from './release/rehearsal-tools.ts';
import { installPackage, type PackageTrial } from './release/try-package.ts';
import { tryTemplate } from './release/try-template.ts';
import { tryTypes } from './release/try-types.ts';
import { copyRepository } from './release/working-copy.ts';
import { Trials } from './trials.ts';
import { tryKit } from './try-kit.ts';
import { isImported, publishedPackages } from './workspace.ts';

const trials = new Trials();
const parent = mkdtempSync(join(tmpdir(), 'sess-release-'));
let registry: LocalRegistry | undefined;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    trials.abandon();
    endCommands();
  });
}
try {
  await trials.run('rehearsal', 'whole', rehearse);
} finally {
  await registry?.stop();
  // A command that was asked to end may still write a last file.
  rmSync(parent, { recursive: true, force: true, maxRetries: 10 });
}
console.log('');
trials.print();
console.log(trials.failed ? '\nThe rehearsal FAILED.' : '\nThe rehearsal passed.');
process.exitCode = trials.failed ? 1 : 0;

async function rehearse(): Promise<boolean> {
  let tools: RehearsalTools | undefined;
  await trials.run('rehearsal', 'install its tools', async () => {
    tools = await installTools(join(parent, 'tools'));
    return tools !== undefined;
  });
  if (tools === undefined) return false;
  const { verdaccio, compilers, nodes } = tools;

  const copy = join(parent, 'copy');
  await trials.run('rehearsal', 'copy the repository, start a registry', async () => {
    copyRepository(copy);
    registry = await LocalRegistry.start(verdaccio, join(parent, 'registry'));
  });
  if (registry === undefined) return false;
  // Caches of its own: those of the machine must neither keep what is published here nor hide what is missing in it.
  const caches = {
    npm_config_cache: join(parent, 'npm-cache'),
    pnpm_config_cache_dir: join(parent, 'pnpm-cache'),
    pnpm_config_store_dir: join(parent, 'pnpm-store'),
  };
  const specifiers = await publishCopy(copy, registry, trials, caches);
  if (specifiers === undefined) return false;

  const users = join(parent, 'users');
  mkdirSync(users);
  const folders = new CleanFolders(users, trials, registry.installing, caches);
  const installed: PackageTrial[] = [];
  for (const published of publishedPackages().filter(({ manifest }) => isImported(manifest))) {
    for (const manager of ['npm', 'pnpm'] as const) {
      installed.push(await installPackage(folders, manager, published, specifiers));
    }
  }
  await tryTypes(users, compilers, trials);
  // The last compiler has left the programs as JavaScript beside their sources.
  for (const { folder, manager, programs } of installed) {
    // What pnpm arranges differently does not depend on the version of Node.
    for (const [version, node] of Object.entries(nodes).slice(manager === 'pnpm' ? -1 : 0)) {
      for (const program of programs) {
        await folders.run(folder, [node, program], { shown: `${program}, Node ${version}` });
      }
    }
  }

  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/vitest/package.json'), 'utf8'));
  const [core = '', kit = ''] = ['@sess/core', '@sess/conformance'].map((name) => specifiers.get(name));
  await tryKit(folders, core, kit, `vitest@${version}`);
  await tryTemplate(folders, registry, specifiers, nodes);
  return true;
}
