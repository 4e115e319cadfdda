import { serverOrReason } from '@sess/test-servers/no-server';
import { startRedis } from '@sess/test-servers/redis';
import { startRedisCluster } from '@sess/test-servers/redis-cluster';

/** Starts the servers once for all test files. Their URLs are in the environment, for forked processes too. */
export default async function startServers(): Promise<() => Promise<void>> {
  const single = await serverOrReason(() => startRedis());
  const cluster = await serverOrReason(() => startRedisCluster());
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined) process.env[name] = value;
  };
  set('SESS_TEST_REDIS_URL', single.server?.url);
  set('SESS_TEST_REDIS_VERSION', single.server?.version);
  set('SESS_TEST_REDIS_CLUSTER_URL', cluster.server?.url);
  set('SESS_TEST_REDIS_CLUSTER_VERSION', cluster.server?.version);
  set('SESS_TEST_NO_REDIS', single.reason);
  set('SESS_TEST_NO_OWN_REDIS', single.reason ?? cluster.reason);
  return async () => {
    await single.server?.stop();
    await cluster.server?.stop();
  };
}
