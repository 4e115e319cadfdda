// A process that races with others on sessions in Redis.

import { redisStore } from '@sess/store-redis';
import { serveRounds } from '@sess/store-tests/serve-rounds';
import { Cluster } from 'ioredis';

export interface WorkerSettings {
  readonly url: string;
  readonly prefix: string;
  readonly isCluster: boolean;
}

const { url, prefix, isCluster, writer }: WorkerSettings & { writer: number } = JSON.parse(process.argv[2] ?? '');
const { hostname, port } = new URL(url);
const cluster = isCluster ? new Cluster([{ host: hostname, port: Number(port) }]) : undefined;
const store = redisStore(cluster ? { client: cluster, prefix } : { url, prefix });
const close = async () => {
  await store.close();
  cluster?.disconnect();
};
await store.setup();
serveRounds({ store, writer, close });
