import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../free-port.ts';
import { GuardedProcess } from '../guarded-process.ts';
import { mongoVersion } from '../mongo-version.ts';
import type { TestServer } from '../test-server.ts';
import { Postgres } from './postgres.ts';
import { provisionDocumentdb } from './provision.ts';

const START_MS = 30_000;
const POLL_MS = 20;

/**
 * DocumentDB, the engine of the Linux Foundation that speaks MongoDB's language on top of PostgreSQL: for machines where
 * neither a container nor a mongod can be had. Debian has the engine without its gateway, so a front of our own stands
 * before it; `kill` and `restart` are of both. Rejects with the reason where it cannot be installed.
 */
export async function startDocumentdb({ syncs = false }: { syncs?: boolean } = {}): Promise<TestServer> {
  const debian = await provisionDocumentdb();
  const [port = 0, postgresPort = 0] = await freePorts(2);
  const postgres = await Postgres.start(debian, postgresPort, { syncs });
  const front = new FrontProcess(port, postgresPort);
  await front.start();
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  const { version } = await mongoVersion(url);
  return {
    name: 'DocumentDB',
    version,
    url,
    async stop() {
      await front.remove();
      await postgres.remove();
    },
    async kill() {
      await front.kill();
      await postgres.kill();
    },
    async restart() {
      await postgres.restart();
      await front.start();
    },
  };
}

class FrontProcess {
  readonly #ports: readonly number[];
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'sess-documentdb-'));
  #starts = 0;
  #process: GuardedProcess | undefined;

  constructor(...ports: number[]) {
    this.#ports = ports;
  }

  async start(): Promise<void> {
    this.#starts += 1;
    const log = join(this.#folder, `log-${this.#starts}`);
    const program = join(import.meta.dirname, 'front/main.ts');
    this.#process = new GuardedProcess(process.execPath, [program, ...this.#ports.map(String)], log);
    for (const start = performance.now(); !readFileSync(log, 'utf8').includes('ready'); await delay(POLL_MS)) {
      if (this.#process.hasEnded || performance.now() - start > START_MS) {
        throw new Error(`The front of DocumentDB does not start: ${readFileSync(log, 'utf8')}`);
      }
    }
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
