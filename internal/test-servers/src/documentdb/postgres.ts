import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { GuardedProcess } from '../guarded-process.ts';
import { runProgram } from '../run-program.ts';

const PROGRAMS = '/usr/lib/postgresql/18/bin';
const START_MS = 60_000;
const POLL_MS = 20;

/** A PostgreSQL with DocumentDB in the small Debian of a folder. It runs as the user postgres of that Debian. */
export class Postgres {
  readonly port: number;
  readonly #debian: string;
  /** As seen from inside. */
  readonly #folder: string;
  #process: GuardedProcess | undefined;

  private constructor(debian: string, port: number, folder: string) {
    this.#debian = debian;
    this.port = port;
    this.#folder = folder;
  }

  /**
   * Makes a database of its own and starts it.
   *
   * @param syncs Whether it syncs to the disk, which is slower. Without, what was acknowledged still survives the end of
   * the process, which is all that tests can bring about.
   */
  static async start(debian: string, port: number, { syncs }: { syncs: boolean }): Promise<Postgres> {
    removeAbandoned(debian);
    const outside = mkdtempSync(join(debian, 'srv', `${process.pid}-`));
    const postgres = new Postgres(debian, port, `/srv/${basename(outside)}`);
    await runProgram('chroot', [debian, 'chown', 'postgres:postgres', postgres.#folder]);
    const initdb = [
      `${PROGRAMS}/initdb`,
      '--auth=trust',
      '--no-sync',
      '-U',
      'postgres',
      '-D',
      `${postgres.#folder}/data`,
    ];
    await runProgram('chroot', [debian, ...asPostgres, ...initdb], { env: { LC_ALL: 'C' } });
    appendFileSync(join(outside, 'data/postgresql.conf'), settings(port, postgres.#folder, syncs));
    await postgres.restart();
    await postgres.#query('create extension documentdb cascade');
    return postgres;
  }

  /** Starts it again, on the data that it left behind. */
  async restart(): Promise<void> {
    const log = join(this.#debian, this.#folder, 'log');
    const command = [this.#debian, ...asPostgres, `${PROGRAMS}/postgres`, '-D', `${this.#folder}/data`];
    const start = performance.now();
    for (;;) {
      // Right after a kill it refuses to start, as long as processes of the one before are still ending.
      if (this.#process?.hasEnded !== false) this.#process = new GuardedProcess('chroot', command, log);
      try {
        return await this.#query('select 1');
      } catch (error) {
        if (performance.now() - start > START_MS) {
          throw new Error(`PostgreSQL does not start: ${readFileSync(log, 'utf8').slice(-500)}`, { cause: error });
        }
      }
      await delay(POLL_MS);
    }
  }

  /** Kills it as a power cut would, but for what the operating system still writes. */
  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }

  /** Kills it and removes its data. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(join(this.#debian, this.#folder), { recursive: true, force: true, maxRetries: 10 });
  }

  async #query(text: string): Promise<void> {
    const client = new pg.Client({ host: '127.0.0.1', port: this.port, user: 'postgres', database: 'postgres' });
    client.on('error', () => {}); // told by the query
    try {
      await client.connect();
      await client.query(text);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** PostgreSQL refuses to run as root. */
const asPostgres = ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];

function settings(port: number, folder: string, syncs: boolean): string {
  return `
shared_preload_libraries = 'pg_cron,pg_documentdb_core,pg_documentdb'
cron.database_name = 'postgres'
cron.log_run = off
cron.log_statement = off
listen_addresses = '127.0.0.1'
port = ${port}
unix_socket_directories = '${folder}'
max_connections = 100
jit = off
fsync = ${syncs ? 'on' : 'off'}
full_page_writes = ${syncs ? 'on' : 'off'}
`;
}

/** Removes the data of servers whose test process died before it could. */
function removeAbandoned(debian: string): void {
  const folders = join(debian, 'srv');
  mkdirSync(folders, { recursive: true });
  for (const name of readdirSync(folders)) {
    const pid = Number.parseInt(name, 10);
    if (!isAlive(pid)) rmSync(join(folders, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
