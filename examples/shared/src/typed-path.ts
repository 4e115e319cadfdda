import { resolve } from 'node:path';

/** A path as it was meant by who typed it: npm runs a script in the package's folder, and names the one it was called in. */
export function typedPath(path: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), path);
}
