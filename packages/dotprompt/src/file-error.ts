import { SessError } from '@sess/core';

/** Something is wrong in a file. `line` counts from 1. */
export function fileError(path: string, line: number, problem: string, cause?: unknown): SessError {
  return new SessError('INVALID_ARGUMENT', `${path}:${line}: ${problem}`, cause === undefined ? {} : { cause });
}

/** What `resolve` returns; what it throws, with the place in the file that it is about. */
export function inFile<T>(path: string, line: number, resolve: () => T): T {
  try {
    return resolve();
  } catch (cause) {
    throw fileError(path, line, messageOf(cause), cause);
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
