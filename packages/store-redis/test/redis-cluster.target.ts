import { Cluster } from 'ioredis';
import { borrowedTarget } from './support/borrowed-target.ts';

const { hostname, port } = new URL(process.env.SESS_TEST_REDIS_CLUSTER_URL ?? 'redis://127.0.0.1:6379');

/** A cluster of six nodes. */
export default borrowedTarget('redis-cluster', {
  server: { name: 'Redis Cluster', version: process.env.SESS_TEST_REDIS_CLUSTER_VERSION ?? '' },
  driver: { name: 'ioredis', version: '6' },
  connect: () => new Cluster([{ host: hostname, port: Number(port) }]),
});
