import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quietly } from '../bootstrap.mjs';
import type { Trials } from '../trials.ts';
import { publishedPackages } from '../workspace.ts';
import type { LocalRegistry } from './local-registry.ts';

/**
 * Releases a copy of the repository: versions, builds and publishes it. Resolves to the packages with their versions, as
 * npm takes them, by name; to undefined where a step failed.
 */
export async function publishCopy(
  copy: string,
  registry: LocalRegistry,
  trials: Trials,
  caches: NodeJS.ProcessEnv,
): Promise<Map<string, string> | undefined> {
  const environment = {
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
  const run = (what: string, command: string[], env: NodeJS.ProcessEnv = process.env) => {
    const [file = '', ...args] = command;
    return trials.run('release', what, async () => (await quietly(file, args, env, copy)) === 0);
  };
  const install = ['pnpm', 'install', '--frozen-lockfile', '--prefer-offline'];
  if (!(await run('install', install))) return undefined;
  if (!(await run('changeset version', ['npm', 'run', 'changeset', '--', 'version']))) return undefined;
  if (!(await run('lockfile still fits', install))) return undefined;
  if (!(await run('build', ['npm', 'run', 'build']))) return undefined;
  writeFileSync(join(copy, '.npmrc'), registry.publishing);
  if (!(await run('changeset publish', ['npm', 'run', 'changeset', '--', 'publish'], environment))) return undefined;

  const specifiers = new Map<string, string>();
  await trials.run('release', 'every package is in the registry', async () => {
    for (const { folder, manifest } of publishedPackages()) {
      const { version } = JSON.parse(readFileSync(join(copy, folder, 'package.json'), 'utf8'));
      const { latest } = await registry.tagsOf(manifest.name);
      if (latest !== version) throw new Error(`${manifest.name}: latest is ${latest}, and should be ${version}`);
      specifiers.set(manifest.name, `${manifest.name}@${version}`);
      console.log(`        ${manifest.name} ${version}`);
    }
  });
  return specifiers.size === publishedPackages().length ? specifiers : undefined;
}
