import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDynamodb } from '../../../internal/test-servers/src/dynamodb.ts';
import { startMongodb } from '../../../internal/test-servers/src/mongodb.ts';
import { serverOrReason } from '../../../internal/test-servers/src/no-server.ts';
import { startRedis } from '../../../internal/test-servers/src/redis.ts';
import type { Backend, Place } from '../../src/contender.ts';

let places = 0;

export interface Servers {
  /** A place that nobody else has, or the reason why there is none. */
  placeOn(backend: Backend): { place?: Place; reason?: string };
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const folder = await mkdtemp(join(tmpdir(), 'sess-peers-'));
  const started = {
    redis: await serverOrReason(() => startRedis()),
    mongodb: await serverOrReason(() => startMongodb()),
    dynamodb: await serverOrReason(() => startDynamodb()),
  };
  return {
    placeOn(backend) {
      places += 1;
      const rest = { namespace: `peer-${process.pid}-${places}`, fsync: true };
      if (backend === 'file') return { place: { url: folder, ...rest } };
      const { server, reason = '' } = started[backend];
      return server === undefined ? { reason } : { place: { url: server.url, ...rest } };
    },
    async stop() {
      await Promise.all(Object.values(started).map(({ server }) => server?.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
