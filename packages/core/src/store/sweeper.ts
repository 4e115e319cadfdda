/**
 * Calls `sweep` again and again until the returned function is called. The interval has 10% jitter, so that processes
 * do not sweep in step, and keeps no process alive. A sweep that fails is warned of.
 *
 * @param intervalMs Default: 600,000. false: never.
 */
export function sweepEvery(sweep: () => Promise<unknown>, intervalMs: number | false = 600_000): () => void {
  if (intervalMs === false) return () => {};
  const warn = (error: unknown) => console.warn('sess: a sweep failed:', error);
  const timer = setInterval(() => sweep().catch(warn), intervalMs * (0.9 + Math.random() / 5));
  (timer as { unref?: () => void }).unref?.();
  return () => clearInterval(timer);
}
