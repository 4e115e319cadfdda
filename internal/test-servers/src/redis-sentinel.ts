import { freePorts } from './free-port.ts';
import { redisCommand, untilRedisSays } from './redis-command.ts';
import { openRedisHost } from './redis-host.ts';
import type { TestServer } from './test-server.ts';

/** The name under which the Sentinel knows the master. */
const NAME = 'sess';

/** A master, its replica, and a Sentinel that promotes the replica. `url` is the Sentinel's; the rest is about the master. */
export interface RedisSentinel extends TestServer {
  /** What a client asks the Sentinel for. */
  readonly masterName: string;
  /** The port of the present master, as the Sentinel sees it. */
  masterPort(): Promise<number>;
  /** Waits until the master has a replica with all its data, and the Sentinel knows of both. */
  untilWhole(): Promise<void>;
}

/** Redis under a Sentinel, in a container, else on this machine. Rejects with NoServer. */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const [first = 0, second = 0, sentinel = 0] = await freePorts(3);
  const host = await openRedisHost([first, second, sentinel]);
  const masterPort = async () => {
    const reply = await redisCommand(sentinel, 'SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME);
    return Number(/\r\n(\d+)\r\n/.exec(reply.slice(reply.indexOf('127.0.0.1')))?.[1]);
  };
  const untilWhole = async () => {
    await untilRedisSays(sentinel, `SENTINEL MASTER ${NAME}`, /num-slaves\r\n\$1\r\n1/);
    await untilRedisSays(await masterPort(), 'INFO replication', /state=online/);
  };
  try {
    await host.start(first, []);
    await host.start(second, ['--replicaof', '127.0.0.1', String(first), '--repl-diskless-sync-delay', '0']);
    await host.start(sentinel, ['--sentinel']);
    await redisCommand(sentinel, 'SENTINEL', 'MONITOR', NAME, '127.0.0.1', String(first), '1');
    // Soon enough for a test, and late enough for a busy machine.
    await redisCommand(sentinel, 'SENTINEL', 'SET', NAME, 'down-after-milliseconds', '1000');
    await redisCommand(sentinel, 'SENTINEL', 'SET', NAME, 'failover-timeout', '3000');
    await untilWhole();
  } catch (error) {
    await host.close();
    throw error;
  }
  let killed = 0;
  return {
    name: 'Redis Sentinel',
    version: host.version,
    url: `redis://127.0.0.1:${sentinel}`,
    masterName: NAME,
    masterPort,
    untilWhole,
    stop: () => host.close(),
    kill: async () => {
      killed = await masterPort();
      await host.kill(killed);
    },
    restart: () => host.start(killed, []),
  };
}
