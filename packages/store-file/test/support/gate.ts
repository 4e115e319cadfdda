import files from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { onTestFinished } from 'vitest';
import { type FileMethod, fileMethods } from './count-bytes.ts';

interface Gate {
  /** Resolves when the call has come. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  release(): void;
}

/** Holds back the next call of a function of `node:fs/promises`: a process that is slow at just that moment. */
export function holdBack(name: 'rename' | 'rmdir' | 'unlink'): Gate {
  return holdBackCall(files as unknown as Record<string, FileMethod>, name, () => true);
}

/** Holds back the next write of something that contains `text`. */
export async function holdBackWrite(text: string): Promise<Gate> {
  return holdBackCall(await fileMethods(), 'write', ([bytes]) => String(bytes).includes(text));
}

function holdBackCall(
  target: Record<string, FileMethod>,
  name: string,
  isMeant: (parameters: unknown[]) => boolean,
): Gate {
  const original = target[name] as FileMethod;
  let reach = () => {};
  let release = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const restore = () => {
    target[name] = original;
    syncBuiltinESMExports();
  };
  target[name] = async function (this: unknown, ...parameters) {
    if (!isMeant(parameters)) return original.apply(this, parameters);
    restore();
    reach();
    await released;
    return original.apply(this, parameters);
  };
  syncBuiltinESMExports();
  onTestFinished(restore);
  return { reached, release };
}
