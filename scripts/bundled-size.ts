import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

/** What a module and what it imports of its own package weigh for those who bundle it, in bytes: minified, then gzipped. */
export function bundledSize(file: string): number {
  const { outputFiles } = buildSync({
    entryPoints: [file],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    packages: 'external',
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length;
}
