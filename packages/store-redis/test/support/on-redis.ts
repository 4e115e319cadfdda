import { test } from 'vitest';

/** Defines tests that need the server of the global setup. Where there is none, one is skipped for all, with the reason. */
export function onRedis(title: string, define: () => void): void {
  defineUnless(process.env.SESS_TEST_NO_REDIS, title, define);
}

/** The same for tests that need the cluster, or a server that they may kill: REDIS_URL is no help to them. */
export function onOwnRedis(title: string, define: () => void): void {
  defineUnless(process.env.SESS_TEST_NO_OWN_REDIS, title, define);
}

function defineUnless(reason: string | undefined, title: string, define: () => void): void {
  if (reason === undefined) define();
  else test(title, ({ skip }) => skip(reason));
}
