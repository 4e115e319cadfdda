import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished } from 'vitest';
import type { FileMethod } from './count-bytes.ts';

/** Holds back the next call of a function of `node:fs/promises`: a process that is slow at just that moment. */
export function holdBack(name: 'rename' | 'rmdir' | 'unlink'): { reached: Promise<void>; release(): void } {
  const functions = files as unknown as Record<string, FileMethod>;
  const original = functions[name] as FileMethod;
  let reach = () => {};
  let release = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const restore = () => {
    functions[name] = original;
    syncBuiltinESMExports();
  };
  functions[name] = async (...parameters) => {
    restore();
    reach();
    await released;
    return original(...parameters);
  };
  syncBuiltinESMExports();
  onTestFinished(restore);
  return { reached, release };
}
