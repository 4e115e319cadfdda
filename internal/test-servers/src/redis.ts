import { freePorts } from './free-port.ts';
import { redisCommand } from './redis-command.ts';
import { openRedisHost } from './redis-host.ts';
import type { TestServer } from './test-server.ts';

/**
 * One Redis server: that of REDIS_URL, else one in a container, else one on this machine. Rejects with NoServer.
 *
 * @param args More options of the server: `--requirepass`, `secret`. With any, REDIS_URL is not used.
 */
export async function startRedis(args: readonly string[] = []): Promise<TestServer> {
  if (process.env.REDIS_URL && args.length === 0) return givenServer(process.env.REDIS_URL);
  const [port = 0] = await freePorts(1);
  const host = await openRedisHost([port]);
  await host.start(port, args);
  return {
    name: 'Redis',
    version: host.version,
    url: `redis://127.0.0.1:${port}`,
    stop: () => host.close(),
    kill: () => host.kill(port),
    restart: () => host.start(port, args),
  };
}

async function givenServer(url: string): Promise<TestServer> {
  const refuse = async () => {
    throw new Error('The server of REDIS_URL is not ours to kill.');
  };
  const { hostname, port } = new URL(url);
  const isPlain = url.startsWith('redis://127.0.0.1');
  const info = isPlain ? await redisCommand(Number(port || 6379), 'INFO', 'server').catch(() => '') : '';
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? `at ${hostname}`;
  return { name: 'Redis', version, url, stop: async () => {}, kill: refuse, restart: refuse };
}
