import { existsSync, readFileSync } from 'node:fs';
import type { Unavailable } from '../all-contenders.ts';
import type { Contender } from '../contender.ts';
import type { ContenderFacts } from '../results.ts';

const OURS = new URL('../../node_modules/', import.meta.url);
const PEERS = new URL('../../peers/node_modules/', import.meta.url);

/** Who is measured, with the versions of what is installed. */
export function factsOf(contender: Contender | Unavailable): ContenderFacts {
  const { backend, name } = contender;
  const isPeer = 'reason' in contender || contender.kind === 'peer';
  const packages = contender.packages.map((it) => withVersion(it, isPeer ? PEERS : OURS));
  if ('reason' in contender) return { backend, name, packages, reason: contender.reason };
  const { how, notes } = contender;
  return { backend, name, packages, how, ...(notes && { notes }) };
}

function withVersion(name: string, folder: URL): string {
  const manifest = new URL(`${name}/package.json`, folder);
  return existsSync(manifest) ? `${name} ${JSON.parse(readFileSync(manifest, 'utf8')).version}` : name;
}
