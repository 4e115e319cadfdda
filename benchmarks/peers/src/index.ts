import type { Contender } from '../../src/contender.ts';
import { connectMongo } from './connect-mongo.ts';
import { connectRedis } from './connect-redis.ts';
import { genkitDynamodb } from './genkit-dynamodb.ts';
import { genkitFile } from './genkit-file.ts';
import { genkitMongodb } from './genkit-mongodb.ts';
import { genkitRedis } from './genkit-redis.ts';
import { langchainDynamodb } from './langchain-dynamodb.ts';
import { langchainFile } from './langchain-file.ts';
import { langchainMongodb } from './langchain-mongodb.ts';
import { langchainRedis } from './langchain-redis.ts';
import { langgraphMongodb } from './langgraph-mongodb.ts';
import { langgraphRedis } from './langgraph-redis.ts';
import { mastraDynamodb } from './mastra-dynamodb.ts';
import { mastraMongodb } from './mastra-mongodb.ts';
import { mastraRedis } from './mastra-redis.ts';
import { sessionFileStore } from './session-file-store.ts';
import { strandsFile } from './strands-file.ts';
import type { Unavailable } from './unavailable.ts';

/** All peers. None is loaded before it is opened, so that one that is broken leaves the others alone. */
export const peers: readonly (Contender | Unavailable)[] = [
  genkitFile,
  langchainFile,
  sessionFileStore,
  strandsFile,
  genkitRedis,
  langchainRedis,
  langgraphRedis,
  mastraRedis,
  connectRedis,
  genkitMongodb,
  langchainMongodb,
  langgraphMongodb,
  mastraMongodb,
  connectMongo,
  genkitDynamodb,
  langchainDynamodb,
  mastraDynamodb,
];
