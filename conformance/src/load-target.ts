import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ConformanceTarget } from './target.ts';

/** The target that a file exports by default. Throws where it has none. */
export async function loadTarget(url: URL): Promise<ConformanceTarget> {
  const { default: target } = (await import(url.href)) as { default?: Partial<ConformanceTarget> };
  if (typeof target?.name !== 'string' || typeof target.open !== 'function') {
    throw new Error(`${fileURLToPath(url)} must export a target by default: { name, open({ space, ttl, clock }) }.`);
  }
  return target as ConformanceTarget;
}

/** What a target file is called before it is loaded: `my-store` for `my-store.target.js`. */
export function targetNameOf(source: URL | ConformanceTarget): string {
  return source instanceof URL ? basename(source.pathname).replace(/(\.target)?\.[cm]?[jt]s$/, '') : source.name;
}
