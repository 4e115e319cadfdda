import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { freePorts } from '@sess/test-servers/free-port';
import { NoServer, serverOrReason } from '@sess/test-servers/no-server';
import { startRedis } from '@sess/test-servers/redis';
import { redisCommand } from '@sess/test-servers/redis-command';
import { openRedisHost, REDIS_IMAGE } from '@sess/test-servers/redis-host';
import { afterEach, describe, expect, test, vi } from 'vitest';

const containers = vi.hoisted(() => ({ runtime: false, started: [] as unknown[], commands: [] as string[] }));
vi.mock('testcontainers', () => ({
  getContainerRuntimeClient: async () => {
    if (!containers.runtime) throw new Error('none here');
  },
  GenericContainer: class {
    readonly settings: unknown[] = [];
    constructor(image: string) {
      this.settings.push(image);
    }
    withExposedPorts(...ports: unknown[]) {
      this.settings.push(...ports);
      return this;
    }
    withCommand() {
      return this;
    }
    async start() {
      containers.started.push(...this.settings);
      return fakeContainer;
    }
  },
}));

const listening: Server[] = [];
const fakeContainer = {
  async exec([, , command = '']: string[]) {
    containers.commands.push(command);
    const port = /'--port' '(\d+)'/.exec(command)?.[1];
    if (port !== undefined) {
      const server = createServer((socket) => socket.end('+PONG\r\n')).listen(Number(port), '127.0.0.1');
      listening.push(server);
      await once(server, 'listening');
    }
    return { exitCode: 0, output: command.endsWith('--version') ? 'Redis server v=7.4.2 sha=0' : '' };
  },
  async stop() {
    for (const server of listening.splice(0)) server.close();
  },
};

afterEach(() => {
  containers.runtime = false;
  containers.started.length = 0;
  containers.commands.length = 0;
});

describe('a Redis server', () => {
  test('keeps what it has acknowledged when it is killed and restarted', async ({ skip }) => {
    const { server, reason } = await serverOrReason(() => startRedis(['--loglevel', 'warning']));
    if (server === undefined) return skip(reason);
    const port = Number(new URL(server.url).port);
    try {
      await redisCommand(port, 'SET', 'key', 'value');
      await server.kill();
      await expect(redisCommand(port, 'GET', 'key')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await server.restart();
      expect(await redisCommand(port, 'GET', 'key')).toContain('value');
    } finally {
      await server.stop();
    }
    await expect(redisCommand(port, 'PING')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('ends with the process that started it, however that ends', async ({ skip }) => {
    const { server, reason } = await serverOrReason(() => startRedis(['--loglevel', 'warning']));
    if (server === undefined) return skip(reason);
    await server.stop();
    const starter = fork(fileURLToPath(new URL('./support/start-redis.ts', import.meta.url)));
    const [port] = (await once(starter, 'message')) as [number];
    expect(await redisCommand(port, 'PING')).toContain('PONG');
    starter.kill('SIGKILL');
    await vi.waitFor(() => expect(redisCommand(port, 'PING')).rejects.toMatchObject({ code: 'ECONNREFUSED' }), {
      timeout: 10_000,
    });
  });

  test('of REDIS_URL is used as it is, and not killed', async ({ skip }) => {
    const { server, reason } = await serverOrReason(() => startRedis(['--loglevel', 'warning']));
    if (server === undefined) return skip(reason);
    vi.stubEnv('REDIS_URL', server.url);
    const given = await startRedis();
    expect([given.url, given.version]).toEqual([server.url, server.version]);
    await expect(given.kill()).rejects.toThrow('REDIS_URL');
    await given.stop();
    expect(await redisCommand(Number(new URL(server.url).port), 'PING')).toContain('PONG');
    await server.stop();
  });
});

describe('a container', () => {
  test('is preferred where a runtime answers', async () => {
    containers.runtime = true;
    const ports = await freePorts(2);
    const [port = 0] = ports;
    const host = await openRedisHost(ports);
    expect(host.version).toBe('7.4.2');
    expect(containers.started).toEqual([REDIS_IMAGE, ...ports.map((port) => ({ container: port, host: port }))]);
    await host.start(port, ['--cluster-enabled', 'yes']);
    expect(containers.commands.at(-1)).toContain("'--cluster-enabled' 'yes'");
    await host.kill(port);
    expect(containers.commands.at(-1)).toContain(`kill -9 $(cat /data/${port}/pid)`);
    await host.close();
  });

  test('has an image of one version', () => {
    expect(REDIS_IMAGE).toMatch(/^redis:\d+\.\d+\.\d+/);
  });
});

describe('no server', () => {
  const none = async () => {
    throw new NoServer('Redis', ['no container runtime', 'no redis-server']);
  };

  test('is a reason to skip', async () => {
    vi.stubEnv('CI', '');
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    expect(await serverOrReason(none)).toEqual({ reason: 'No Redis: no container runtime; no redis-server.' });
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('no redis-server'));
  });

  test('is an error with CI=true', async () => {
    vi.stubEnv('CI', 'true');
    await expect(serverOrReason(none)).rejects.toThrow(NoServer);
  });
});
