/** The object's own property: `__proto__` and `constructor` are ordinary names of threads. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The record with each value replaced, and with those left out that become undefined. */
export function mapRecord<T, U>(
  record: Readonly<Record<string, T>> = {},
  map: (value: T, key: string) => U,
): Record<string, Exclude<U, undefined>> {
  let mapped: Record<string, unknown> = {};
  for (const key of Object.keys(record)) {
    const value = map(record[key] as T, key);
    if (value === undefined) continue;
    // Assigning is the fastest way by far; but __proto__, assigned, would be no property.
    if (key in mapped) mapped = { ...mapped, [key]: value };
    else mapped[key] = value;
  }
  return mapped as never;
}

/** The record, or undefined where it has no keys. */
export function unlessEmpty<T extends object>(record: T): T | undefined {
  return Object.keys(record).length > 0 ? record : undefined;
}

/** The object without the properties that are undefined. */
export function defined<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  return mapRecord(object as Record<string, unknown>, (value) => value) as T;
}
