import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Every package of the workspace that has tests is a project of its own, named like the package. */
const folders = ['conformance', 'benchmarks', 'docs'];
for (const parent of ['packages', 'internal', 'examples']) {
  if (existsSync(parent)) folders.push(...readdirSync(parent).map((name) => join(parent, name)));
}
const packages = folders.filter((folder) => existsSync(join(folder, 'package.json')));

export default defineConfig({
  test: {
    projects: packages.map((folder) => ({
      extends: true as const,
      root: folder,
      test: {
        name: JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name as string,
        include: ['test/**/*.test.ts'],
        // What is started once for all test files of the package: servers.
        globalSetup: existsSync(join(folder, 'test/global-setup.ts')) ? ['test/global-setup.ts'] : [],
      },
    })),
    // Processes, not threads: tests change directories, send signals and fork.
    pool: 'forks',
    // For a slow machine; what takes this long by itself belongs into a test with a limit of its own.
    testTimeout: 30_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    unstubEnvs: true,
    coverage: { provider: 'v8', include: ['{packages/*,conformance}/src/**/*.ts'], reportsDirectory: 'coverage' },
  },
});
