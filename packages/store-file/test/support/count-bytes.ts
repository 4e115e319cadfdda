import { open } from 'node:fs/promises';
import { vi } from 'vitest';

export type FileMethod = (...parameters: unknown[]) => Promise<unknown>;

/** The object that the methods of all open files are on. */
export async function fileMethods(): Promise<Record<'read' | 'write' | 'datasync' | 'sync' | 'stat', FileMethod>> {
  const file = await open(import.meta.filename);
  await file.close();
  return Object.getPrototypeOf(file);
}

/** Counts what goes through all open files of this process from now on. */
export async function countBytes(): Promise<{ read: number; written: number; reset(): void }> {
  const count = { read: 0, written: 0, reset: () => Object.assign(count, { read: 0, written: 0 }) };
  const methods = await fileMethods();
  for (const [name, field, key] of [
    ['read', 'bytesRead', 'read'],
    ['write', 'bytesWritten', 'written'],
  ] as const) {
    const original = methods[name];
    vi.spyOn(methods, name).mockImplementation(async function (this: unknown, ...parameters) {
      const result = (await original.apply(this, parameters)) as Record<string, number>;
      count[key] += result[field] ?? 0;
      return result;
    });
  }
  return count;
}
