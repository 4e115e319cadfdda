// Checks what core weighs for those who bundle it: minified by esbuild, then gzipped. Prints every figure.
import { root } from './bootstrap.mjs';
import { bundledSize } from './bundled-size.ts';
import { publishedPackages } from './workspace.ts';

/** In bytes. */
const limits: Record<string, number> = {
  '@sess/core/store': 4 * 1024,
  '@sess/core': 20 * 1024,
};

const measured = new Set<string>();
let tooLarge = false;
for (const { folder, manifest } of publishedPackages()) {
  for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target === 'string') continue;
    const name = manifest.name + entry.slice(1);
    const bytes = bundledSize(`${root}/${folder}/${target.default}`);
    const limit = limits[name];
    const excess = limit !== undefined && bytes > limit;
    tooLarge ||= excess;
    measured.add(name);
    console.log(`${name}: ${bytes} bytes${limit === undefined ? '' : ` of ${limit}`}${excess ? '  TOO LARGE' : ''}`);
  }
}
const missing = Object.keys(limits).filter((name) => !measured.has(name));
for (const name of missing) console.error(`${name}: not found`);
process.exitCode = tooLarge || missing.length > 0 ? 1 : 0;
