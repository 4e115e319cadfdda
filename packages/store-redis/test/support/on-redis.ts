import { test } from 'vitest';

/** Defines tests that need the servers of the global setup. Where there are none, one is skipped for all, with the reason. */
export function onRedis(title: string, define: () => void): void {
  const reason = process.env.SESS_TEST_NO_REDIS;
  if (reason === undefined) define();
  else test(title, ({ skip }) => skip(reason));
}
