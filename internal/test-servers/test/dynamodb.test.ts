import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { DYNAMODB_IMAGE, serverArguments, startDynamodb } from '../src/dynamodb.ts';
import { NoServer, serverOrReason } from '../src/no-server.ts';

const { containerRuntime, dynamodbProgram } = vi.hoisted(() => ({
  containerRuntime: vi.fn(),
  dynamodbProgram: vi.fn(),
}));
vi.mock('../src/container-runtime.ts', () => ({ containerRuntime }));
vi.mock('../src/dynamodb-program.ts', () => ({ dynamodbProgram }));

/** As much of testcontainers as we use. Its container answers on the port that it was asked for. */
class FakeContainer {
  static readonly made: FakeContainer[] = [];
  readonly image: string;
  readonly calls: string[] = [];
  command: string[] = [];
  port = 0;
  #server: Server | undefined;

  constructor(image: string) {
    this.image = image;
    FakeContainer.made.push(this);
  }
  withExposedPorts({ host, container }: { host: number; container: number }): this {
    expect(host).toBe(container);
    this.port = host;
    return this;
  }
  withCommand(command: string[]): this {
    this.command = command;
    return this;
  }
  async start(): Promise<this> {
    this.#server = createServer((_, response) => response.writeHead(400).end()).listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }
  async stop(options?: { remove?: boolean }): Promise<void> {
    this.calls.push(options?.remove === false ? 'kill' : 'stop');
    this.#server?.closeAllConnections();
    this.#server?.close();
  }
  async restart(): Promise<void> {
    this.calls.push('restart');
    await this.start();
  }
}

beforeEach(() => {
  vi.stubEnv('DYNAMODB_ENDPOINT', undefined);
  containerRuntime.mockResolvedValue({ reason: 'no container runtime (a test)' });
  dynamodbProgram.mockRejectedValue(new Error('no Java (a test)'));
  FakeContainer.made.length = 0;
});

test('the image is pinned', () => {
  expect(DYNAMODB_IMAGE).toMatch(/^amazon\/dynamodb-local:\d+\.\d+\.\d+$/);
});

test('nothing is reported about us, wherever it runs', () => {
  expect(serverArguments(1, undefined)).toContain('-disableTelemetry');
  expect(serverArguments(1, '/data')).toContain('-disableTelemetry');
});

test('a server that is named is used, and is not ours to kill', async () => {
  vi.stubEnv('DYNAMODB_ENDPOINT', 'http://dynamodb.example:8000');
  const server = await startDynamodb();
  expect(server).toMatchObject({ url: 'http://dynamodb.example:8000', version: 'at dynamodb.example' });
  await expect(server.kill()).rejects.toThrow('not ours');
  await expect(server.restart()).rejects.toThrow('not ours');
  await server.stop();
});

test('where a container runtime answers, the server is in a container', async () => {
  containerRuntime.mockResolvedValue({ containers: { GenericContainer: FakeContainer } });
  const server = await startDynamodb({ keepsData: true });
  const [container] = FakeContainer.made;
  expect(container?.image).toBe(DYNAMODB_IMAGE);
  expect(server.url).toBe(`http://127.0.0.1:${container?.port}`);
  expect(container?.command).toEqual(expect.arrayContaining(['DynamoDBLocal.jar', '-dbPath', String(container?.port)]));
  await server.kill();
  await server.restart();
  await server.stop();
  expect(container?.calls).toEqual(['kill', 'restart', 'stop']);
  expect(dynamodbProgram).not.toHaveBeenCalled();
});

describe('where there is none', () => {
  test('all reasons are told', async () => {
    vi.stubEnv('CI', undefined);
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { server, reason } = await serverOrReason(() => startDynamodb());
    expect(server).toBeUndefined();
    expect(reason).toBe('No DynamoDB: no container runtime (a test); no Java (a test).');
  });

  test('in CI that is an error', async () => {
    vi.stubEnv('CI', 'true');
    await expect(serverOrReason(() => startDynamodb())).rejects.toThrow(NoServer);
  });

  test('also why the container does not start', async () => {
    vi.spyOn(FakeContainer.prototype, 'start').mockRejectedValue(new Error('no such image'));
    containerRuntime.mockResolvedValue({ containers: { GenericContainer: FakeContainer } });
    await expect(startDynamodb()).rejects.toThrow(/dynamodb-local:\S+ does not start \(no such image\); no Java/);
  });
});
