// `node scripts/start.mjs NAME [arguments]` opens an example, on the machine's own Node, as the only command a fresh
// clone needs.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, ensureInstalled, requireSupportedNode, root } from './bootstrap.mjs';

const [name, ...args] = process.argv.slice(2);
requireSupportedNode();
await ensureInstalled();
const status = await build(name);
if (status !== 0) process.exit(status);

// Loaded into this process rather than started as another: standard input, signals and the exit code are the example's own.
const main = join(root, 'examples', name, 'dist', 'main.js');
process.argv.splice(1, Number.POSITIVE_INFINITY, main, ...args);
await import(pathToFileURL(main).href);
