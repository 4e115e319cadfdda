import { createHash } from 'node:crypto';

/** A program that the server runs as one step. */
export interface Script {
  readonly lua: string;
  /** The name by which the server knows a script that it has seen. */
  readonly sha: string;
  /** Whether it may change something, so that a lost reply leaves its outcome open. */
  readonly writes: boolean;
}

export function script(lua: string, { writes }: { writes: boolean }): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex'), writes };
}
