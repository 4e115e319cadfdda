import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Bench } from '../../src/bench.ts';
import type { Backend, Contender } from '../../src/contender.ts';
import { type Scale, scaleFor } from '../../src/scale.ts';
import { durabilities } from '../../src/server.ts';

/** A bench on a server of the global setup, or on a folder that is removed after the test. */
export function benchOn(backend: Backend, contenders: readonly Contender[], scale: Partial<Scale> = {}): Bench {
  return {
    backend,
    url: backend === 'file' ? newFolder() : (process.env[`SESS_BENCH_${backend.toUpperCase()}_URL`] ?? ''),
    durability: durabilities[backend][0],
    contenders,
    scaleOf: (contender) => ({ ...scaleFor(contender, true), ...scale }),
    progress: () => {},
  };
}

/** Why nothing can be run on a backend here. */
export function whyNot(backend: Backend): string | undefined {
  return process.env[`SESS_BENCH_NO_${backend.toUpperCase()}`];
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sess-bench-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
