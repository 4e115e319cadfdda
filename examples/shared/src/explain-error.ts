import { SessError } from '@sess/core';

/** One line for people, with the code where there is one. Never a stack. */
export function explainError(error: unknown): string {
  if (!SessError.is(error)) return oneLine(error instanceof Error ? error.message : String(error));
  return oneLine(`${error.message}${reasonOf(error)} (${error.code})`);
}

/** What the error underneath says, unless the message has told its code already. */
function reasonOf({ message, cause }: SessError): string {
  if (!(cause instanceof Error)) return '';
  const { code } = cause as { code?: unknown };
  return typeof code === 'string' && message.includes(code) ? '' : ` ${cause.message}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}
