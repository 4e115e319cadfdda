import { conformance } from '@sess/conformance/vitest';
import { onOwnRedis } from './support/on-redis.ts';

onOwnRedis('conformance: redis-cluster', () => conformance(new URL('./redis-cluster.target.ts', import.meta.url)));
