import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Machine } from '../results.ts';

/** The machine, without anything that names it. */
export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() || 'unknown',
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release().split('-')[0]} ${arch()}`,
    node: process.versions.node,
  };
}
