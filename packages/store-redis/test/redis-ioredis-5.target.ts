import { createRequire } from 'node:module';
import type { Redis as Redis6 } from 'ioredis';
import { Redis } from 'ioredis-5';
import { borrowedTarget } from './support/borrowed-target.ts';

const { version } = createRequire(import.meta.url)('ioredis-5/package.json') as { version: string };

/** The lowest version of the driver that is supported. */
export default borrowedTarget('redis-ioredis-5', {
  server: { name: 'Redis', version: process.env.SESS_TEST_REDIS_VERSION ?? '' },
  driver: { name: 'ioredis', version },
  connect: () => new Redis(process.env.SESS_TEST_REDIS_URL ?? '') as unknown as Redis6,
});
