/** So many operations of one contender are timed before the next one's turn. */
const OPERATIONS_A_SLICE = 10;

/** How long (ms) an operation takes. */
export async function durationOf(operation: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await operation();
  return performance.now() - start;
}

/**
 * Times operations one after the other, in slices for `byTurns`: so many, or as many as are done within `patienceMs` of
 * their own time. Returns the duration (ms) of each.
 *
 * @param operation Is given numbers from 1 on.
 */
export async function* durationsOf(
  count: number,
  patienceMs: number,
  operation: (number: number) => Promise<unknown>,
): AsyncGenerator<void, number[]> {
  const durations: number[] = [];
  let spentMs = 0;
  for (let number = 1; number <= count && spentMs < patienceMs; number += 1) {
    if (number % OPERATIONS_A_SLICE === 1) yield;
    const duration = await durationOf(() => operation(number));
    durations.push(duration);
    spentMs += duration;
  }
  return durations;
}
