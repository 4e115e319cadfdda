import { startDynamodb } from '@sess/test-servers/dynamodb';
import { startMongodb } from '@sess/test-servers/mongodb';
import { serverOrReason } from '@sess/test-servers/no-server';
import { startRedis } from '@sess/test-servers/redis';
import { redisDatabases } from '../src/server.ts';

/** Starts the servers once for all test files. Their URLs are in the environment. */
export default async function startServers(): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const starts = {
    REDIS: () => startRedis(redisDatabases),
    MONGODB: () => startMongodb(),
    DYNAMODB: () => startDynamodb(),
  };
  for (const [name, start] of Object.entries(starts)) {
    const { server, reason } = await serverOrReason(start);
    if (server !== undefined) {
      process.env[`SESS_BENCH_${name}_URL`] = server.url;
      stops.push(() => server.stop());
    }
    if (reason !== undefined) process.env[`SESS_BENCH_NO_${name}`] = reason;
  }
  return async () => {
    for (const stop of stops) await stop();
  };
}
