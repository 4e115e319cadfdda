/**
 * The name of a field for any name of a thread or a metadata key: `.`, `$`, digits and nothing at all mean something to
 * MongoDB. To see the name behind one: `atob('bWFpbg')`, without the `_`.
 */
export function fieldOf(name: string): string {
  return `_${Buffer.from(name).toString('base64url')}`;
}

export function nameOf(field: string): string {
  return Buffer.from(field.slice(1), 'base64url').toString();
}

/** The record with its keys as fields. */
export function byField<T, U>(
  record: Readonly<Record<string, T>> | undefined,
  map: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([name, value]) => [fieldOf(name), map(value, name)]));
}

/** The record with its fields as names. */
export function byName<T, U>(
  record: Readonly<Record<string, T>> | undefined,
  map: (value: T, field: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([field, value]) => [nameOf(field), map(value, field)]));
}
