import { conformance } from '@sess/conformance/vitest';
import { onRedis } from './support/on-redis.ts';

onRedis('conformance: redis-ioredis-5', () => conformance(new URL('./redis-ioredis-5.target.ts', import.meta.url)));
