import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

/** A registry on loopback that holds only what is published to it, and asks no other one. */
export class LocalRegistry {
  readonly url: string;
  readonly #server: ChildProcess;
  #token = '';

  private constructor(url: string, server: ChildProcess) {
    this.url = url;
    this.#server = server;
  }

  /** Starts it with its storage in `folder`, on a port that is free. */
  static async start(verdaccio: string, folder: string): Promise<LocalRegistry> {
    mkdirSync(folder);
    const config = {
      storage: join(folder, 'storage'),
      auth: { htpasswd: { file: join(folder, 'htpasswd') } },
      uplinks: {},
      packages: { '**': { access: '$all', publish: '$authenticated' } },
      web: { enable: false },
      log: { type: 'stdout', level: 'warn' },
    };
    const file = join(folder, 'config.yaml');
    // JSON is YAML too.
    writeFileSync(file, JSON.stringify(config));
    const host = `127.0.0.1:${await freePort()}`;
    const server = spawn(process.execPath, [verdaccio, '--config', file, '--listen', host], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let output = '';
    for (const stream of [server.stdout, server.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    }
    const ended = once(server, 'exit').then(() => {
      throw new Error(`The local registry did not start:\n${output}`);
    });
    // It sends a message when it listens.
    await Promise.race([once(server, 'message'), ended]);
    ended.catch(() => {});
    const registry = new LocalRegistry(`http://${host}/`, server);
    await registry.#addUser();
    return registry;
  }

  /** The lines of an .npmrc with which everything is published here. */
  get publishing(): string {
    const path = this.url.slice('http:'.length);
    return `registry=${this.url}\n${this.installing}${path}:_authToken=${this.#token}\n`;
  }

  /** The lines of an .npmrc with which our packages, and no others, come from here. */
  get installing(): string {
    return `@sess:registry=${this.url}\n`;
  }

  /** The versions of a package that were published here, by tag. */
  async tagsOf(name: string): Promise<Record<string, string>> {
    const response = await fetch(new URL(name.replace('/', '%2f'), this.url));
    if (!response.ok) throw new Error(`${name} is not in the local registry (${response.status})`);
    const document = (await response.json()) as { 'dist-tags': Record<string, string> };
    return document['dist-tags'];
  }

  /** Resolves when it has ended. */
  async stop(): Promise<void> {
    if (this.#server.exitCode !== null || this.#server.signalCode !== null) return;
    const ended = once(this.#server, 'exit');
    // Its storage goes with it, so that it need not end in good order.
    this.#server.kill('SIGKILL');
    await ended;
  }

  async #addUser(): Promise<void> {
    const response = await fetch(new URL('-/user/org.couchdb.user:rehearsal', this.url), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'rehearsal', password: crypto.randomUUID() }),
    });
    if (!response.ok) throw new Error(`The local registry refused a user (${response.status})`);
    this.#token = ((await response.json()) as { token: string }).token;
  }
}

/** Taken by somebody else in between, the registry does not start, and says so. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
