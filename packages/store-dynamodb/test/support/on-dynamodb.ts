import { test } from 'vitest';

/** Defines tests that need the server of the global setup. Where there is none, one is skipped for all, with the reason. */
export function onDynamodb(title: string, define: () => void): void {
  const reason = process.env.SESS_TEST_NO_DYNAMODB;
  if (reason === undefined) define();
  else test(title, ({ skip }) => skip(reason));
}
