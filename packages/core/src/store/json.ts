import { SessError } from './error.ts';
import { mapRecord } from './record.ts';

/** How deep stored JSON may nest. Beyond it, some parser or database would give up on reading it back. */
const MAX_DEPTH = 500;

/**
 * Returns the stored form of a value: a copy, as it will be read back. `toJSON` is honoured, `undefined` properties
 * are dropped.
 *
 * Throws NOT_SERIALIZABLE, with the path, for whatever JSON would refuse, lose or change: functions, symbols, BigInt,
 * NaN, infinity, cycles, lone surrogates, `undefined` and holes in arrays, and objects of other kinds than plain ones
 * (a Map, a Promise that nobody awaited). Nesting ends at 500 levels.
 *
 * @param path Where the value will be, for the message: `state`.
 * @example
 * ```ts
 * import { toStored } from '@sess/core/store';
 *
 * toStored({ at: new Date(0), gone: undefined }, 'state'); // { at: '1970-01-01T00:00:00.000Z' }
 * ```
 */
export function toStored<T>(value: T, path: string): T {
  const ancestors = new Set<object>();
  const copy = (given: unknown, at: string, key: string): unknown => {
    const { toJSON } = (given ?? {}) as { toJSON?: unknown };
    const item = typeof toJSON === 'function' ? toJSON.call(given, key) : given;
    if (item === null || typeof item === 'boolean') return item;
    if (Number.isFinite(item)) return (item as number) + 0; // JSON has no -0
    if (typeof item === 'string' && item.isWellFormed()) return item;
    const kind = Object.prototype.toString.call(item).slice(8, -1);
    const problem =
      typeof item === 'string'
        ? 'holds a lone surrogate'
        : kind !== 'Object' && kind !== 'Array'
          ? `is a ${kind}, not JSON`
          : ancestors.has(item as object)
            ? 'contains itself'
            : ancestors.size === MAX_DEPTH && `is nested deeper than ${MAX_DEPTH} levels`;
    if (problem) throw new SessError('NOT_SERIALIZABLE', `${at} ${problem}.`);
    ancestors.add(item as object);
    const copied = Array.isArray(item)
      ? Array.from(item, (element, index) => copy(element, `${at}[${index}]`, `${index}`))
      : mapRecord(item as Record<string, unknown>, (property, name) => {
          const place = `${at}.${copy(name, at, '')}`;
          return property === undefined ? undefined : copy(property, place, name);
        });
    ancestors.delete(item as object);
    return copied;
  };
  try {
    return copy(value, path, '') as T;
  } catch (cause) {
    if (SessError.is(cause)) throw cause;
    throw new SessError('NOT_SERIALIZABLE', `${path} threw when read.`, { cause });
  }
}
