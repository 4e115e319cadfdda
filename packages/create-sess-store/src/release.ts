import { readFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The version of this package. */
export const version: string = manifest.version;

/** The versions of core and the kit that belong to it, by name: those of its own release. */
export const ranges: Readonly<Record<string, string>> = manifest.peerDependencies;
