import { startDynamodb } from '@sess/test-servers/dynamodb';
import { serverOrReason } from '@sess/test-servers/no-server';
import { openStore } from './support/open-store.ts';

/** Starts the server once for all test files. Where it is stands in the environment, for forked processes too. */
export default async function startServer(): Promise<() => Promise<void>> {
  const { server, reason } = await serverOrReason(() => startDynamodb());
  if (server === undefined) {
    process.env.SESS_TEST_NO_DYNAMODB = reason;
    return async () => {};
  }
  process.env.SESS_TEST_DYNAMODB_ENDPOINT = server.url;
  process.env.SESS_TEST_DYNAMODB_SERVER = JSON.stringify({ name: server.name, version: server.version });
  const { store, close } = openStore();
  await store.setup();
  await close();
  return () => server.stop();
}
