/** Deeper nesting is not shown. */
const MAX_DEPTH = 12;

/** A value on one line, like JSON, cut after about `limit` characters. Looks at no more of it than it shows. */
export function describeValue(value: unknown, limit = 120): string {
  let rest = limit;
  const write = (text: string): string => {
    const shown = text.length > rest ? `${text.slice(0, Math.max(0, rest))}…` : text;
    rest -= shown.length;
    return shown;
  };
  const visit = (it: unknown, depth: number): string => {
    if (rest <= 0 || depth > MAX_DEPTH) return '…';
    if (typeof it === 'string') return write(describeText(it, rest));
    if (typeof it === 'function') return write('[function]');
    if (typeof it === 'bigint') return write(`${it}n`);
    if (Object.is(it, -0)) return write('-0');
    if (typeof it !== 'object' || it === null) return write(String(it));
    if (it instanceof Error) return write(describeError(it));
    const isArray = Array.isArray(it);
    const kind = Object.prototype.toString.call(it).slice(8, -1);
    if (!isArray && kind !== 'Object') return write(`[${kind}]`);
    const shown: string[] = [];
    for (const key of Object.keys(it)) {
      if (rest <= 0) {
        shown.push('…');
        break;
      }
      const name = isArray ? '' : `${write(/^[A-Za-z_]\w*$/.test(key) ? key : describeText(key, rest))}: `;
      shown.push(name + visit((it as Record<string, unknown>)[key], depth + 1));
      rest -= 2;
    }
    return isArray ? `[${shown.join(', ')}]` : `{${shown.join(', ')}}`;
  };
  return visit(value, 0);
}

/** `CONFLICT: Somebody else has …` for an error with a code, else its name and message. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `thrown ${describeValue(error, 80)}`;
  const { code } = error as { code?: unknown };
  const text = `${typeof code === 'string' ? code : error.name}: ${error.message}`;
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function describeText(text: string, limit: number): string {
  // Escaped, so that two texts that look the same on a screen are told apart.
  const escaped = JSON.stringify(text.slice(0, Math.max(limit, 20))).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return text.length > limit ? `${escaped.slice(0, -1)}…" (${text.length} code units)` : escaped;
}
