import { startMongodb } from '@sess/test-servers/mongodb';
import { serverOrReason } from '@sess/test-servers/no-server';

/** Starts the server once for all test files. What it is stands in the environment, for forked processes too. */
export default async function startServer(): Promise<() => Promise<void>> {
  const { server, reason } = await serverOrReason(() => startMongodb());
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined) process.env[name] = value;
  };
  set('SESS_TEST_MONGODB_URL', server?.url);
  set('SESS_TEST_MONGODB_NAME', server?.name);
  set('SESS_TEST_MONGODB_VERSION', server?.version);
  set('SESS_TEST_NO_MONGODB', reason);
  return async () => server?.stop();
}
