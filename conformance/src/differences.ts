import { describeValue } from './describe-value.ts';

/** One place where two values differ. `undefined`: there is nothing at that place. */
export interface Difference {
  /** `threads.main[3].role`; empty: the values themselves. */
  readonly path: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/**
 * Where two JSON values differ, the first `limit` places. The order of properties does not count, and a property that is
 * `undefined` is the same as none; everything else does, -0 against 0 and `undefined` in an array included.
 */
export function differences(expected: unknown, actual: unknown, limit = 8): Difference[] {
  const found: Difference[] = [];
  // A list of what is left to compare, not recursion: stored values nest 500 levels deep.
  const open: Difference[] = [{ path: '', expected, actual }];
  while (open.length > 0 && found.length < limit) {
    const pair = open.pop() as Difference;
    const children = comparableChildren(pair);
    if (children !== undefined) open.push(...children.reverse());
    else if (!Object.is(pair.expected, pair.actual)) found.push(pair);
  }
  return found;
}

/** The differences, one a line. */
export function describeDifferences(found: readonly Difference[]): string[] {
  return found.map(({ path, expected, actual }) => {
    const at = path === '' ? '' : `${path}: `;
    if (typeof expected === 'string' && typeof actual === 'string' && Math.max(expected.length, actual.length) > 60) {
      return at + describeLongTexts(expected, actual);
    }
    return `${at}expected ${describePlace(expected)}, got ${describePlace(actual)}`;
  });
}

function comparableChildren({ path, expected, actual }: Difference): Difference[] | undefined {
  if (typeof expected !== 'object' || typeof actual !== 'object' || expected === null || actual === null)
    return undefined;
  if (Array.isArray(expected) && Array.isArray(actual)) {
    const length = Math.max(expected.length, actual.length);
    return Array.from({ length }, (_, index) => ({
      path: `${path}[${index}]`,
      expected: itemOf(expected, index),
      actual: itemOf(actual, index),
    }));
  }
  if (!isPlain(expected) || !isPlain(actual)) return undefined;
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])].map((key) => ({
    path: /^[A-Za-z_]\w*$/.test(key) ? (path === '' ? key : `${path}.${key}`) : `${path}[${describeValue(key, 60)}]`,
    expected: Object.hasOwn(expected, key) ? expected[key] : undefined,
    actual: Object.hasOwn(actual, key) ? actual[key] : undefined,
  }));
}

/** JSON has no `undefined` in an array: where there is one, or a hole, it is not the same as nothing. */
const UNDEFINED_ITEM = Symbol('undefined in an array');

function itemOf(array: readonly unknown[], index: number): unknown {
  return index < array.length && array[index] === undefined ? UNDEFINED_ITEM : array[index];
}

function isPlain(value: object): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function describePlace(value: unknown): string {
  if (value === UNDEFINED_ITEM) return UNDEFINED_ITEM.description ?? '';
  return value === undefined ? 'nothing' : describeValue(value, 100);
}

function describeLongTexts(expected: string, actual: string): string {
  let at = 0;
  while (at < expected.length && expected[at] === actual[at]) at += 1;
  const around = (text: string) => describeValue(text.slice(Math.max(0, at - 8), at + 24), 60);
  return `texts of ${expected.length} and ${actual.length} code units differ at ${at}: expected …${around(expected)}…, got …${around(actual)}…`;
}
