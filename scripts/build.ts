// `npm run build`: all packages, or the named ones.
import { build } from './bootstrap.mjs';

process.exitCode = await build(...process.argv.slice(2));
