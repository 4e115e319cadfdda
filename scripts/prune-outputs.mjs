// Plain JavaScript: the bootstrap uses it.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Removes from a package's `dist/` what no source stands for any more; neither the compiler nor a restored cache does.
 * Done after a build, rather than emptying `dist/` before: whoever runs the package meanwhile never finds it missing.
 */
export function pruneOutputs(folder) {
  const outputs = join(folder, 'dist');
  if (!existsSync(outputs)) return;
  for (const entry of readdirSync(outputs, { recursive: true })) {
    const source = entry.replace(/(\.d\.ts|\.js)(\.map)?$/, '.ts');
    if (source !== entry && !existsSync(join(folder, 'src', source))) rmSync(join(outputs, entry));
  }
}
