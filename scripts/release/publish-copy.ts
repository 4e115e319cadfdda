import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { markdownBlocks } from '../../internal/snippets/src/markdown-blocks.ts';
import { shellCommands } from '../../internal/snippets/src/shell-commands.ts';
import { quietly, root } from '../bootstrap.mjs';
import type { Trials } from '../trials.ts';
import { publishedPackages, workspacePackages } from '../workspace.ts';
import type { LocalRegistry } from './local-registry.ts';

/**
 * Releases a copy of the repository by the commands of `docs/releasing.md`: versions, builds and publishes it. Resolves
 * to the packages with their versions, as npm takes them, by name; to undefined where a step failed.
 */
export async function publishCopy(
  copy: string,
  registry: LocalRegistry,
  trials: Trials,
  caches: NodeJS.ProcessEnv,
): Promise<Map<string, string> | undefined> {
  const publishing = {
    ...process.env,
    ...caches,
    // Stronger than any .npmrc of the machine, so that nothing can leave it.
    npm_config_registry: registry.url,
    'npm_config_@sess:registry': registry.url,
    // In a workflow too: only a real release has the permission to prove where a package comes from.
    GITHUB_ACTIONS: undefined,
    ACTIONS_ID_TOKEN_REQUEST_URL: undefined,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: undefined,
  };
  const run = (what: string, command: string, env: NodeJS.ProcessEnv = process.env) => {
    return trials.run('release', what, async () => (await quietly('sh', ['-c', command], env, copy)) === 0);
  };
  const install = 'pnpm install --frozen-lockfile --prefer-offline';
  if (!(await run('install', install))) return undefined;
  for (const command of releaseCommands()) {
    const publishes = command.endsWith(' publish');
    // What `npm login` leaves.
    if (publishes) writeFileSync(join(copy, '.npmrc'), registry.publishing);
    if (!(await run(command, command, publishes ? publishing : process.env))) return undefined;
    if (command.endsWith(' version') && !(await run('lockfile still fits', install))) return undefined;
  }

  const specifiers = new Map<string, string>();
  const pushed = execFileSync('git', ['ls-remote', '--tags', 'origin'], { cwd: copy, encoding: 'utf8' });
  await trials.run('release', 'every package is in the registry, with a tag and a changelog', async () => {
    for (const { folder, manifest } of publishedPackages()) {
      const { version } = JSON.parse(readFileSync(join(copy, folder, 'package.json'), 'utf8'));
      const { latest } = await registry.tagsOf(manifest.name);
      if (latest !== version) throw new Error(`${manifest.name}: latest is ${latest}, and should be ${version}`);
      if (!pushed.includes(`refs/tags/${manifest.name}@${version}\n`)) throw new Error(`${manifest.name} has no tag`);
      const changelog = readFileSync(join(copy, folder, 'CHANGELOG.md'), 'utf8');
      if (!changelog.includes(`\n## ${version}\n`))
        throw new Error(`${manifest.name}: no changes of ${version} are told`);
      specifiers.set(manifest.name, `${manifest.name}@${version}`);
      console.log(`        ${manifest.name} ${version}`);
    }
  });
  await trials.run('release', 'private packages are left out', async () => {
    return !workspacePackages().some(({ folder, manifest }) => {
      return manifest.private === true && existsSync(join(copy, folder, 'CHANGELOG.md'));
    });
  });
  return specifiers.size === publishedPackages().length ? specifiers : undefined;
}

/** What the guide tells people to type. */
function releaseCommands(): string[] {
  const guide = readFileSync(join(root, 'docs/releasing.md'), 'utf8');
  const commands = markdownBlocks(guide).map(({ code }) => shellCommands(code));
  const release = commands.find((block) => block.some((command) => command.endsWith(' publish')));
  if (release === undefined) throw new Error('docs/releasing.md shows no release.');
  // `.ci/run` checks what is copied before it rehearses.
  return release.filter((command) => command !== 'npm run check');
}
