import { startDynamodb } from '@sess/test-servers/dynamodb';
import { startMongodb } from '@sess/test-servers/mongodb';
import { serverOrReason } from '@sess/test-servers/no-server';
import { startRedis } from '@sess/test-servers/redis';

/** Starts the databases once for all test files. Where they are, or why they are not, stands in the environment. */
export default async function startServers(): Promise<() => Promise<void>> {
  const starts = { REDIS: startRedis, MONGODB: startMongodb, DYNAMODB: startDynamodb };
  const started = await Promise.all(
    Object.entries(starts).map(async ([name, start]) => {
      const { server, reason } = await serverOrReason(() => start());
      if (server !== undefined) process.env[`SESS_TEST_${name}_URL`] = server.url;
      if (reason !== undefined) process.env[`SESS_TEST_NO_${name}`] = reason;
      return server;
    }),
  );
  return async () => void (await Promise.all(started.map((server) => server?.stop())));
}
