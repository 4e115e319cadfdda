import { SessError } from '@sess/core/store';

/** What stored text means. Throws CORRUPT where it means nothing. */
// biome-ignore lint/suspicious/noExplicitAny: as JSON.parse.
export function parse(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged('what is stored is no JSON');
  }
}

/** The record with values in the place of their JSON. */
export function parsed(texts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, parse(text as string)]));
}

/** The error of a session that something else than this store has written to. */
export function damaged(problem: unknown): SessError {
  if (SessError.is(problem)) return problem;
  const told = typeof problem === 'string' ? problem : 'its document is not of this form';
  return new SessError('CORRUPT', `The session is damaged: ${told}.`);
}
