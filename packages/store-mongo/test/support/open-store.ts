import { randomUUID } from 'node:crypto';
import { type MongoStore, type MongoStoreOptions, mongoStore } from '@sess/store-mongo';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { type CommandStartedEvent, MongoClient } from 'mongodb';
import { onTestFinished } from 'vitest';
import { server } from './server.ts';

/** A name for collections that no other test uses. */
export function freshPrefix(): string {
  return `${randomUUID()}_`;
}

/** A client for one test. */
export function openClient(url: string = server.url): MongoClient {
  const client = new MongoClient(url, { monitorCommands: true });
  onTestFinished(() => client.close());
  return client;
}

/** A store for one test, closed after it. It sweeps only when told to. */
export function openStore(options: Partial<MongoStoreOptions> & { prefix: string }): MongoStore {
  const address = options.client === undefined && options.url === undefined ? { url: server.url } : {};
  const store = mongoStore({ database: 'tests', sweepIntervalMs: false, ...address, ...options });
  onTestFinished(() => store.close());
  return store;
}

/** A store whose commands and bytes are counted. */
export async function openCounted(options: Partial<MongoStoreOptions> & { prefix: string }): Promise<{
  store: MongoStore;
  /** Names of the commands since the last call. */
  commands(): string[];
  /** Bytes since the last call, in each direction. */
  bytes(): { sent: number; received: number };
}> {
  const proxy = await FaultProxy.start(server.url);
  onTestFinished(() => proxy.stop());
  const client = openClient(proxy.through(server.url));
  let names: string[] = [];
  client.on('commandStarted', ({ commandName }: CommandStartedEvent) => names.push(commandName));
  let before = { toServer: 0, toClient: 0 };
  return {
    store: openStore({ client, ...options }),
    commands: () => {
      const counted = names;
      names = [];
      return counted;
    },
    bytes: () => {
      const { toServer, toClient } = proxy.bytes;
      const counted = { sent: toServer - before.toServer, received: toClient - before.toClient };
      before = { toServer, toClient };
      return counted;
    },
  };
}
