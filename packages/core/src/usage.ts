import type { Usage } from './model.ts';

/** The sum of what several calls cost; a number that none of them told is absent. */
export function sumUsage(usages: readonly Usage[]): Usage {
  const sum: Record<string, number> = {};
  for (const [key, count] of usages.flatMap((usage) => Object.entries(usage))) {
    if (typeof count === 'number') sum[key] = (sum[key] ?? 0) + count;
  }
  return sum;
}
