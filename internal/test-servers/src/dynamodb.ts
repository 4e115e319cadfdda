import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containerRuntime } from './container-runtime.ts';
import { type DynamodbProgram, dynamodbProgram } from './dynamodb-program.ts';
import { freePorts } from './free-port.ts';
import { GuardedProcess } from './guarded-process.ts';
import { NoServer } from './no-server.ts';
import type { TestServer } from './test-server.ts';

const IMAGE_VERSION = '3.3.1';
export const DYNAMODB_IMAGE = `amazon/dynamodb-local:${IMAGE_VERSION}`;
/** How long (ms) a server may take to start. */
const START_MS = 60_000;
/** Where the server keeps its data inside of its container, so that it survives a restart. */
const CONTAINER_FOLDER = '/home/dynamodblocal';

/**
 * DynamoDB: that of DYNAMODB_ENDPOINT, else DynamoDB Local in a container, else on this machine. It takes any
 * credentials. Rejects with NoServer.
 *
 * @param keepsData Whether what it has acknowledged survives `kill`. Otherwise all is in memory, which is faster.
 */
export async function startDynamodb({ keepsData = false }: { keepsData?: boolean } = {}): Promise<TestServer> {
  if (process.env.DYNAMODB_ENDPOINT) return givenServer(process.env.DYNAMODB_ENDPOINT);
  const reasons: string[] = [];
  const { containers, reason } = await containerRuntime();
  if (containers !== undefined) {
    try {
      return await inContainer(containers, keepsData);
    } catch (error) {
      reasons.push(`the container ${DYNAMODB_IMAGE} does not start (${(error as Error).message})`);
    }
  } else if (reason !== undefined) reasons.push(reason);
  try {
    return await onThisMachine(await dynamodbProgram(), keepsData);
  } catch (error) {
    throw new NoServer('DynamoDB', [...reasons, (error as Error).message]);
  }
}

/** What the server is started with, wherever it runs. It must not report on its users. */
export function serverArguments(port: number, dataFolder: string | undefined): string[] {
  const storage = dataFolder === undefined ? ['-inMemory'] : ['-dbPath', dataFolder];
  return ['-sharedDb', '-disableTelemetry', ...storage, '-port', String(port)];
}

function givenServer(url: string): TestServer {
  const refuse = async () => {
    throw new Error('The server of DYNAMODB_ENDPOINT is not ours to kill.');
  };
  return {
    name: 'DynamoDB',
    version: `at ${new URL(url).hostname}`,
    url,
    stop: async () => {},
    kill: refuse,
    restart: refuse,
  };
}

async function onThisMachine({ java, folder, version }: DynamodbProgram, keepsData: boolean): Promise<TestServer> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const data = mkdtempSync(join(tmpdir(), 'sess-dynamodb-'));
  const start = async () => {
    const server = new GuardedProcess(
      java,
      [
        ...['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'], // starts in half of the time
        `-Djava.library.path=${join(folder, 'DynamoDBLocal_lib')}`,
        ...['-jar', join(folder, 'DynamoDBLocal.jar')],
        ...serverArguments(port, keepsData ? data : undefined),
      ],
      join(data, 'log'),
    );
    await untilItAnswers(url, () => server.hasEnded);
    return server;
  };
  let running = await start();
  return {
    name: 'DynamoDB Local',
    version,
    url,
    async stop() {
      await running.kill();
      rmSync(data, { recursive: true, force: true });
    },
    kill: () => running.kill(),
    async restart() {
      running = await start();
    },
  };
}

async function inContainer(
  { GenericContainer }: NonNullable<Awaited<ReturnType<typeof containerRuntime>>['containers']>,
  keepsData: boolean,
): Promise<TestServer> {
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const container = await new GenericContainer(DYNAMODB_IMAGE)
    .withExposedPorts({ container: port, host: port })
    .withCommand(['-jar', 'DynamoDBLocal.jar', ...serverArguments(port, keepsData ? CONTAINER_FOLDER : undefined)])
    .start();
  await untilItAnswers(url);
  return {
    name: 'DynamoDB Local',
    version: IMAGE_VERSION,
    url,
    stop: async () => void (await container.stop()),
    kill: async () => void (await container.stop({ timeout: 0, remove: false, removeVolumes: false })),
    async restart() {
      await container.restart();
      await untilItAnswers(url);
    },
  };
}

/** Any answer shows that it listens: a request without a signature is refused. */
async function untilItAnswers(url: string, hasEnded?: () => boolean): Promise<void> {
  const deadline = Date.now() + START_MS;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
    if (answer !== undefined) return;
    if (hasEnded?.()) throw new Error('DynamoDB Local has ended right after its start');
    if (Date.now() > deadline) throw new Error(`DynamoDB Local does not answer at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
