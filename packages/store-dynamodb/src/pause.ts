/** Waits for a random time of up to `firstMs`, doubled with each attempt, so that writers do not meet again in step. */
export async function pause(attempt: number, firstMs = 20, longestMs = 1_000): Promise<void> {
  const longest = Math.min(longestMs, firstMs * 2 ** attempt);
  await new Promise((resolve) => setTimeout(resolve, Math.random() * longest));
}
