/** Calls `operation` for each item, for a few at the same time. */
export async function forEachLimited<T>(
  items: Iterable<T>,
  limit: number,
  operation: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const work = async () => {
    for (let next = rest.next(); !next.done; next = rest.next()) await operation(next.value);
  };
  await Promise.all(Array.from({ length: limit }, work));
}

/** The items in groups that are not larger than `limit`, each item weighed by `weightOf`. */
export function inGroups<T>(
  items: Iterable<T>,
  limit: { count: number; weight: number },
  weightOf: (item: T) => number = () => 0,
): T[][] {
  const groups: T[][] = [];
  let weight = Number.POSITIVE_INFINITY;
  for (const item of items) {
    const last = groups.at(-1);
    const added = weightOf(item);
    if (last === undefined || last.length === limit.count || weight + added > limit.weight) {
      groups.push([item]);
      weight = added;
    } else {
      last.push(item);
      weight += added;
    }
  }
  return groups;
}
