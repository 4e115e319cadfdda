import type { Unavailable } from './unavailable.ts';

export const langgraphRedis: Unavailable = {
  name: '@langchain/langgraph',
  backend: 'redis',
  packages: ['@langchain/langgraph', '@langchain/langgraph-checkpoint-redis', '@langchain/core'],
  reason:
    "It needs the Redis modules RedisJSON and RediSearch: against a Redis without them, graph.invoke fails with ERR unknown command 'JSON.SET'.",
};
