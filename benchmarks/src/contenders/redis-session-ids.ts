import type { Redis } from 'ioredis';

/** What is behind the prefix in the name of each key that has it. */
export async function* redisSessionIds(client: Redis, prefix: string): AsyncGenerator<string> {
  const seen = new Set<string>(); // SCAN may answer a key twice
  for await (const keys of client.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    for (const key of keys as string[]) {
      if (!seen.has(key)) yield key.slice(prefix.length);
      seen.add(key);
    }
  }
}
