import { open } from 'node:fs/promises';
import { vi } from 'vitest';

/** The object that the methods of all open files are on. */
export async function fileMethods(): Promise<Record<'read' | 'write' | 'datasync' | 'sync' | 'stat' | 'close', never>> {
  const file = await open(import.meta.filename);
  await file.close();
  return Object.getPrototypeOf(file);
}

/** Counts what goes through all open files of this process from now on. */
export async function countBytes(): Promise<{ read: number; written: number; reset(): void }> {
  const count = { read: 0, written: 0, reset: () => Object.assign(count, { read: 0, written: 0 }) };
  const methods = (await fileMethods()) as Record<string, (...parameters: unknown[]) => Promise<Record<string, number>>>;
  for (const [name, field, key] of [
    ['read', 'bytesRead', 'read'],
    ['write', 'bytesWritten', 'written'],
  ] as const) {
    const original = methods[name] as (...parameters: unknown[]) => Promise<Record<string, number>>;
    vi.spyOn(methods, name).mockImplementation(async function (this: unknown, ...parameters: unknown[]) {
      const result = await original.apply(this, parameters);
      count[key] += result[field] ?? 0;
      return result;
    });
  }
  return count;
}
