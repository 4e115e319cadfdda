export type { RedisClient } from './redis-client.ts';
export type { RedisStoreOptions } from './redis-options.ts';
export { RedisStore, redisStore } from './redis-store.ts';
export type { Reindexed } from './session-lists.ts';
