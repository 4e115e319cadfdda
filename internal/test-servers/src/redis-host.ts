import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerRuntime } from './container-runtime.ts';
import { GuardedProcess } from './guarded-process.ts';
import { NoServer } from './no-server.ts';
import { untilRedisSays } from './redis-command.ts';
import { type RedisProgram, redisProgram } from './redis-program.ts';

/** Where Redis servers run: in a container, or on this machine. Their ports are those of this machine. */
export interface RedisHost {
  readonly version: string;
  /** Starts the server of a port, on the data that it left behind the last time, and waits until it answers. */
  start(port: number, args: readonly string[]): Promise<void>;
  /** Kills the server of a port, as a power cut would. */
  kill(port: number): Promise<void>;
  /** Ends all servers and removes their data. */
  close(): Promise<void>;
}

export const REDIS_IMAGE = 'redis:7.4.2-bookworm';

/** What every server is started with: what it has answered survives its process. */
export function serverArguments(port: number, folder: string, args: readonly string[]): string[] {
  const settings = {
    port,
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    // Not everysec: while that syncs in the background, answers do not wait until they are written to the file.
    appendfsync: 'no',
    'protected-mode': 'no',
  };
  return [...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]), ...args];
}

/** A container where a runtime answers, else this machine. Rejects with NoServer where neither has a Redis. */
export async function openRedisHost(ports: readonly number[]): Promise<RedisHost> {
  const reasons: string[] = [];
  const { containers, reason } = await containerRuntime();
  if (containers !== undefined) {
    try {
      return await openContainer(containers, ports);
    } catch (error) {
      reasons.push(`the container ${REDIS_IMAGE} does not start (${(error as Error).message})`);
    }
  } else if (reason !== undefined) reasons.push(reason);
  try {
    return new Machine(await redisProgram());
  } catch (error) {
    throw new NoServer('Redis', [...reasons, (error as Error).message]);
  }
}

class Machine implements RedisHost {
  readonly version: string;
  readonly #file: string;
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'sess-redis-'));
  readonly #running = new Map<number, GuardedProcess>();

  constructor({ file, version }: RedisProgram) {
    this.#file = file;
    this.version = version;
  }

  async start(port: number, args: readonly string[]): Promise<void> {
    const folder = join(this.#folder, String(port));
    mkdirSync(folder, { recursive: true });
    const config = join(folder, 'redis.conf'); // a Sentinel writes down in it what it finds out
    closeSync(openSync(config, 'a'));
    const server = new GuardedProcess(
      this.#file,
      [config, ...serverArguments(port, folder, args)],
      join(folder, 'log'),
    );
    this.#running.set(port, server);
    await untilRedisSays(port, 'PING', /PONG|NOAUTH/, () => server.hasEnded);
  }

  async kill(port: number): Promise<void> {
    await this.#running.get(port)?.kill();
    this.#running.delete(port);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((port) => this.kill(port)));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** One container, in which a server runs for each port. The ports are the same inside, so that a cluster's hold too. */
async function openContainer(
  { GenericContainer }: NonNullable<Awaited<ReturnType<typeof containerRuntime>>['containers']>,
  ports: readonly number[],
): Promise<RedisHost> {
  const container = await new GenericContainer(REDIS_IMAGE)
    .withExposedPorts(...ports.map((port) => ({ container: port, host: port })))
    .withCommand(['sleep', 'infinity'])
    .start();
  const run = async (command: string) => {
    const { exitCode, output } = await container.exec(['sh', '-c', command]);
    if (exitCode !== 0) throw new Error(output);
    return output;
  };
  const version = /v=(\S+)/.exec(await run('redis-server --version'))?.[1] ?? 'of unknown version';
  return {
    version,
    async start(port, args) {
      // From outside, the container's own loopback cannot be reached; only the exposed ports can, on this machine's.
      const all = [
        ...serverArguments(port, `/data/${port}`, args),
        '--bind',
        '0.0.0.0',
        '--pidfile',
        `/data/${port}/pid`,
      ];
      const words = [...all, '--daemonize', 'yes'].map((word) => `'${word}'`).join(' ');
      const config = `/data/${port}/redis.conf`;
      await run(`mkdir -p /data/${port} && touch ${config} && redis-server ${config} ${words}`);
      await untilRedisSays(port, 'PING', /PONG|NOAUTH/);
    },
    async kill(port) {
      await run(`kill -9 $(cat /data/${port}/pid) && rm /data/${port}/pid`);
    },
    async close() {
      await container.stop();
    },
  };
}
