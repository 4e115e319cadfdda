// Builds the package in the current folder: `src/` to `dist/`, one file to one file.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const { status } = spawnSync('tsc', ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

// Outputs of sources that are gone. Removed afterwards, not by emptying `dist/` first: whoever runs the built package
// meanwhile never finds it missing.
for (const entry of readdirSync('dist', { recursive: true })) {
  const source = entry.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
  if (source !== entry && !existsSync(join('src', source))) rmSync(join('dist', entry));
}

const { bin = {} } = JSON.parse(readFileSync('package.json', 'utf8'));
for (const file of Object.values(bin)) if (existsSync(file)) chmodSync(file, 0o755);
