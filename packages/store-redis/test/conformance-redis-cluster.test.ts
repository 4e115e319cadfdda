import { conformance } from '@sess/conformance/vitest';
import { onRedis } from './support/on-redis.ts';

onRedis('conformance: redis-cluster', () => conformance(new URL('./redis-cluster.target.ts', import.meta.url)));
