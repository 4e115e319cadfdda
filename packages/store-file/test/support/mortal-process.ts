import files, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { type FileMethod, fileMethods } from './count-bytes.ts';

const FUNCTIONS = ['mkdir', 'open', 'rename', 'rm', 'rmdir', 'unlink'] as const;
const METHODS = ['write', 'datasync', 'sync'] as const;

/**
 * Runs `life` as a process that is killed at its nth call that changes something on disk: that call is not made (a
 * write is made in part, with `torn`), and neither it nor any later one ever returns. Resolves the names of the calls
 * that were made, once `life` has ended or died.
 */
export async function liveUntilCall(killedAt: number, torn: boolean, life: () => Promise<void>): Promise<string[]> {
  const calls: string[] = [];
  const opened: FileHandle[] = [];
  let die = () => {};
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  const mortal = (name: string, original: FileMethod): FileMethod =>
    async function (this: unknown, ...parameters) {
      if (calls.length >= killedAt) {
        if (torn && name === 'write' && calls.length === killedAt) {
          const [bytes] = parameters as [Buffer];
          await original.call(this, bytes, 0, Math.floor(bytes.length / 2), null);
        }
        calls.push(name);
        die();
        return new Promise(() => {});
      }
      calls.push(name);
      const result = await original.apply(this, parameters);
      if (name === 'open') opened.push(result as FileHandle);
      return result;
    };
  const restore: (() => void)[] = [];
  const replace = (target: Record<string, FileMethod>, name: string) => {
    const original = target[name] as FileMethod;
    target[name] = mortal(name, original);
    restore.push(() => {
      target[name] = original;
    });
  };
  const methods = (await fileMethods()) as Record<string, FileMethod>;
  for (const name of FUNCTIONS) replace(files as unknown as Record<string, FileMethod>, name);
  for (const name of METHODS) replace(methods, name);
  syncBuiltinESMExports();
  try {
    await Promise.race([life(), death]);
  } finally {
    for (const undo of restore) undo();
    syncBuiltinESMExports();
    for (const handle of opened) await handle.close().catch(() => {}); // as the system does for a process that died
  }
  return calls.slice(0, killedAt);
}
