// `npm start`: the console chat, on the machine's own Node, as the only command a fresh clone needs.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, ensureInstalled, requireSupportedNode, root } from './bootstrap.mjs';

requireSupportedNode();
await ensureInstalled();
const status = await build('console-chat');
if (status !== 0) process.exit(status);

// Loaded into this process rather than started as another: standard input, signals and the exit code are the chat's own.
const main = join(root, 'examples', 'console-chat', 'dist', 'main.js');
process.argv[1] = main;
await import(pathToFileURL(main).href);
