import { test } from 'vitest';

/** The server of the global setup. */
export const server = {
  url: process.env.SESS_TEST_MONGODB_URL ?? '',
  name: process.env.SESS_TEST_MONGODB_NAME ?? '',
  version: process.env.SESS_TEST_MONGODB_VERSION ?? '',
};

/** Defines tests that need the server. Where there is none, one is skipped for all, with the reason. */
export function onServer(title: string, define: () => void): void {
  const reason = process.env.SESS_TEST_NO_MONGODB;
  if (reason === undefined) define();
  else test(title, ({ skip }) => skip(reason));
}
