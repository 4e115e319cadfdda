import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { freePorts } from './free-port.ts';
import { GuardedProcess } from './guarded-process.ts';
import { mongoVersion } from './mongo-version.ts';
import { REPLICA_SET, untilPrimary } from './mongodb-replica-set.ts';
import { runProgram } from './run-program.ts';
import type { TestServer } from './test-server.ts';

/** What is downloaded where downloads are possible. */
const VERSION = '8.0.15';
const ANSWER_MS = 3_000;

/** A mongod of this machine as a replica set of one node. Rejects with the reason where there is none. */
export async function startMongod(): Promise<TestServer> {
  const file = await findMongod();
  const [port = 0] = await freePorts(1);
  const folder = mkdtempSync(join(tmpdir(), 'sess-mongodb-'));
  const url = `mongodb://127.0.0.1:${port}/?directConnection=true`;
  let mongod: GuardedProcess | undefined;
  const start = async () => {
    const args = [...REPLICA_SET, '--dbpath', folder, '--port', String(port), '--bind_ip', '127.0.0.1'];
    mongod = new GuardedProcess(file, args, join(folder, 'log'));
    await untilPrimary(url, port);
  };
  const kill = async () => mongod?.kill();
  await start();
  return {
    ...(await mongoVersion(url)),
    url,
    async stop() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
    kill,
    restart: start,
  };
}

/** The one that MONGOMS_SYSTEM_BINARY names, one on PATH, or a downloaded one. */
async function findMongod(): Promise<string> {
  for (const file of [process.env.MONGOMS_SYSTEM_BINARY, 'mongod']) {
    if (file && (await runs(file))) return file;
  }
  return downloadMongod();
}

async function runs(file: string): Promise<boolean> {
  return runProgram(file, ['--version']).then(
    () => true,
    () => false,
  );
}

/** Asks first whether the host of the downloads answers: the download itself would take long to give up. */
async function downloadMongod(): Promise<string> {
  const { MongoBinary } = await import('mongodb-memory-server-core');
  const { MongoBinaryDownloadUrl } = await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
  const { getOS } = await import('mongodb-memory-server-core/lib/util/getos/index.js');
  const { arch, platform } = process;
  try {
    const options = { version: VERSION, arch, platform, os: await getOS() };
    const address = await new MongoBinaryDownloadUrl(options).getDownloadUrl();
    const { ok, status } = await fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(ANSWER_MS) });
    if (!ok) throw new Error(`status ${status}`);
  } catch {
    throw new Error('no mongod on PATH, and MongoDB cannot be downloaded here');
  }
  return MongoBinary.getPath({ version: VERSION, downloadDir: cacheFolder('mongodb') });
}
