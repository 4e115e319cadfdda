import type { Difference } from './differences.ts';

/** A guess at the mistake behind what differs, for whoever has to find it. Undefined where nothing fits. */
export function likelyCause(found: readonly Difference[]): string | undefined {
  for (const difference of found) {
    const cause = causeOf(difference);
    if (cause !== undefined) return cause;
  }
  return undefined;
}

function causeOf({ path, expected, actual }: Difference): string | undefined {
  if (typeof expected === 'string' && typeof actual === 'string') return causeOfText(expected, actual);
  if (Array.isArray(expected) && isEmptyObject(actual)) {
    return 'an empty array became an object, as when Lua or PHP decodes and encodes JSON: keep the text as it is';
  }
  if (isEmptyObject(expected) && Array.isArray(actual)) {
    return 'an empty object became an array, as when Lua or PHP decodes and encodes JSON: keep the text as it is';
  }
  if (typeof expected === 'number' && typeof actual === 'string') return 'numbers are read back as text: parse them';
  if (typeof expected === 'number' && actual === null)
    return 'a number became null, as JSON.stringify does with NaN and infinity';
  if (typeof expected === 'number' && typeof actual === 'number') return causeOfNumber(path, expected, actual);
  if (expected === null && actual === undefined) return 'null is treated like absent: store it, do not test for truth';
  if (expected === undefined && actual === null) return 'absent is stored as null: leave the property out';
  if (expected !== undefined && actual === undefined) {
    if (path === '')
      return 'nothing is found where something was written: is the same key used for reading and writing?';
    if (/\[\d+\]$/.test(path))
      return 'the end of a list is missing: a limit, a page that is not followed, or a lost update';
    if (path.includes('__proto__'))
      return 'a property named __proto__ is lost: assignment sets the prototype, use Object.fromEntries';
  }
  if (expected === undefined && /\[\d+\]$/.test(path))
    return 'there is more than was written: was the same change applied twice, or old data left behind?';
  return undefined;
}

function causeOfText(expected: string, actual: string): string | undefined {
  if (actual === expected.toLowerCase()) return 'texts or ids look lowercased: compare and store them exactly';
  if (actual === expected.toUpperCase()) return 'texts or ids look uppercased: compare and store them exactly';
  for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) {
    if (actual === expected.normalize(form))
      return `texts look normalized to ${form}: store them code unit by code unit`;
  }
  if (actual === expected.trim()) return 'texts look trimmed';
  if (actual.length < expected.length && expected.startsWith(actual))
    return 'texts look cut: is a column, a field or a key too short?';
  if (/[?\ufffd]/.test(actual) && /[^\0-\x7f]/.test(expected))
    return 'characters beyond ASCII are lost: use UTF-8 throughout';
  if (actual.replaceAll(/[^a-z0-9]/gi, '') === expected.replaceAll(/[^a-z0-9]/gi, '')) {
    return 'special characters look replaced or removed: encode them reversibly instead';
  }
  return undefined;
}

function causeOfNumber(path: string, expected: number, actual: number): string | undefined {
  if (Object.is(actual, -0)) return '-0 is kept: JSON has none, copy values with toStored';
  if (path.endsWith('At')) return 'a time is off: is it judged by the right clock, in ms, and rounded up?';
  if (Math.fround(expected) === actual) return 'numbers are stored with single precision';
  if (expected > Number.MAX_SAFE_INTEGER / 2) return 'large numbers lose digits: keep them as JSON text';
  return undefined;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}
