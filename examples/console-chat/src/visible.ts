/** A name as it can be shown on one line: control characters would move the cursor, or worse. */
export function visible(name: string): string {
  return name.replaceAll(/\p{Cc}/gu, '?');
}
