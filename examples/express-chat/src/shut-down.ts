import { once } from 'node:events';
import type { Server } from 'node:http';
import type { FullSessionStore } from '@sess/core';
import type { RunningTurns } from './running-turns.ts';

/** How long (ms) running turns may take to be finished, and what was answered to be sent. */
const GRACE_MS = 10_000;
const SENDING_MS = 1_000;

/** Ends the server: no new requests, running turns are finished or aborted, and what they leave is stored. */
export async function shutDown({
  server,
  turns,
  store,
}: {
  server: Server;
  turns: RunningTurns;
  store: FullSessionStore;
}): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await turns.end(GRACE_MS);
  await store.close();
  setTimeout(() => server.closeAllConnections(), SENDING_MS).unref();
  await closed;
}
