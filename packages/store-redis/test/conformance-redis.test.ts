import { conformance } from '@sess/conformance/vitest';
import { onRedis } from './support/on-redis.ts';

onRedis('conformance: redis', () => conformance(new URL('./redis.target.ts', import.meta.url)));
