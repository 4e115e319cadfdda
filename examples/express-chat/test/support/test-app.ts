import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sess, type SessOptions, sess } from '@sess/core';
import { type FileStore, fileStore } from '@sess/store-file';
import { createApp } from '../../src/app.ts';
import { RunningTurns } from '../../src/running-turns.ts';
import { demoUsers } from '../../src/users.ts';

/** The app on a port of this machine and on the file store, with a model of the test's. */
export class TestApp {
  readonly url: string;
  readonly ai: Sess;
  readonly turns: RunningTurns;
  readonly folder: string;
  readonly #server: Server;
  readonly #store: FileStore;

  static async start(options: SessOptions): Promise<TestApp> {
    const folder = mkdtempSync(join(tmpdir(), 'express-chat-'));
    const store = fileStore({ folder, fsync: 'never' });
    const ai = sess({ store, ...options });
    const turns = new RunningTurns();
    const server = createApp({ ai, turns, users: await demoUsers(), secret: 'secret' }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TestApp(server, ai, turns, folder, store);
  }

  private constructor(server: Server, ai: Sess, turns: RunningTurns, folder: string, store: FileStore) {
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.ai = ai;
    this.turns = turns;
    this.folder = folder;
    this.#server = server;
    this.#store = store;
  }

  /** What a network may do. */
  cutConnections(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.cutConnections();
    await this.turns.end(0);
    await this.#store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
