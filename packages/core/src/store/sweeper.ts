/** Below what a timer can wait: a longer one would fire at once. About 23 days. */
const MAX_INTERVAL_MS = 2e9;

/**
 * Calls `sweep` again and again until the returned function is called. The interval has 10% jitter, so that processes
 * do not sweep in step, and keeps no process alive. A sweep that fails is warned of.
 *
 * @param intervalMs Default: 600,000. At most 2e9 are waited. false, or what is not above 0: never.
 */
export function sweepEvery(sweep: () => Promise<unknown>, intervalMs: number | false = 600_000): () => void {
  if (!intervalMs || intervalMs < 0) return () => {};
  const timer = setInterval(
    () => sweep().catch((error) => console.warn('sess: a sweep failed:', error)),
    Math.min(MAX_INTERVAL_MS, intervalMs * (0.9 + Math.random() / 5)),
  );
  (timer as { unref?: () => void }).unref?.();
  return () => clearInterval(timer);
}
