import { existsSync } from 'node:fs';
import type { Backend, Contender } from './contender.ts';
import { ownContenders } from './contenders/index.ts';

/** A peer that cannot be measured, and why. */
export interface Unavailable extends Pick<Contender, 'name' | 'backend' | 'packages'> {
  readonly reason: string;
}

const PEERS = new URL('../peers/', import.meta.url);

/** The peers, where they are installed: they have dependencies of their own. */
export async function installedPeers(): Promise<readonly (Contender | Unavailable)[]> {
  if (!existsSync(new URL('node_modules', PEERS))) return [];
  const { peers } = (await import(new URL('src/index.ts', PEERS).href)) as {
    peers: readonly (Contender | Unavailable)[];
  };
  return peers;
}

/** In a process of its own. Rejects where there is none of that name. */
export async function findContender(backend: Backend, name: string): Promise<Contender> {
  const all = [...ownContenders, ...(await installedPeers())];
  const found = all.find((contender) => contender.backend === backend && contender.name === name);
  if (found === undefined || 'reason' in found) throw new Error(`There is no contender ${name} on ${backend}.`);
  return found;
}
