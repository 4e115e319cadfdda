import { SessError } from '@sess/core/store';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space, then try again.',
  EDQUOT: 'The disk quota is used up: free some space, then try again.',
  EFBIG: 'The file may not grow any further: raise the limit on file sizes, then try again.',
  EROFS: 'The file system is read-only: mount it writable, or use another folder.',
  EACCES: 'Give this user the right to write there, or use another folder.',
  EPERM: 'Give this user the right to write there, or use another folder.',
  ENOTDIR: 'A file is where a folder should be: move it away, or use another folder.',
  EMFILE: 'Too many files are open: raise the limit, or lower maxOpenFiles.',
  ENFILE: 'Too many files are open on this machine: close some, then try again.',
  EIO: 'The disk reported a fault: check it, and restore the session from a backup if it cannot be read.',
};
const RETRYABLE = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'];

export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Whether the file system refused because of rights, not because something is missing or broken. */
export function isRefusal(error: unknown): boolean {
  return ['EROFS', 'EACCES', 'EPERM'].includes(codeOf(error) ?? '');
}

/** STORE_FAILED for what the file system reported; a SessError stays what it is. */
export function fileError(
  error: unknown,
  path: string,
  { sessionId, outcome }: { sessionId?: string | undefined; outcome?: 'unknown' } = {},
): SessError {
  if (SessError.is(error)) return outcome === undefined ? error : Object.assign(error, { outcome });
  const code = codeOf(error) ?? (error instanceof Error ? error.name : typeof error);
  const remedy = REMEDIES[code] ?? 'See the cause.';
  const state = outcome === 'unknown' ? ' It is not known whether the change was stored.' : '';
  return new SessError(
    'STORE_FAILED',
    `The file store failed${of(sessionId)} with ${code} at ${path}.${state} ${remedy}`,
    {
      ...(sessionId !== undefined && { sessionId }),
      ...(outcome !== undefined && { outcome }),
      retryable: RETRYABLE.includes(code),
      cause: error,
    },
  );
}

/** CORRUPT: what is there is not all that was acknowledged, or cannot be read. */
export function corrupt(path: string, sessionId: string | undefined, problem: string): SessError {
  return new SessError(
    'CORRUPT',
    `The file${of(sessionId)} is damaged: ${problem} in ${path}. Restore it from a backup, or move it away to do without.`,
    sessionId === undefined ? {} : { sessionId },
  );
}

function of(sessionId: string | undefined): string {
  return sessionId === undefined ? '' : ` of session ${JSON.stringify(sessionId)}`;
}
