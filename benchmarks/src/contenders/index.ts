import type { Contender } from '../contender.ts';
import { bareDynamodb } from './bare-dynamodb.ts';
import { bareFile } from './bare-file.ts';
import { bareMongodb } from './bare-mongodb.ts';
import { bareIoredis } from './bare-redis.ts';
import { sessOnDynamodb } from './sess-dynamodb.ts';
import { sessOnFiles } from './sess-file.ts';
import { sessOnMongodb } from './sess-mongodb.ts';
import { sessOnRedis } from './sess-redis.ts';
import { tutorialDynamodb } from './tutorial-dynamodb.ts';
import { tutorialFile } from './tutorial-file.ts';
import { tutorialMongodbPush, tutorialMongodbReplace } from './tutorial-mongodb.ts';
import { tutorialRedis } from './tutorial-redis.ts';

/** All contenders but the peers, which are installed apart. */
export const ownContenders: readonly Contender[] = [
  ...[sessOnFiles, bareFile, tutorialFile],
  ...[sessOnRedis, bareIoredis, tutorialRedis],
  ...[sessOnMongodb, bareMongodb, tutorialMongodbReplace, tutorialMongodbPush],
  ...[sessOnDynamodb, bareDynamodb, tutorialDynamodb],
];
