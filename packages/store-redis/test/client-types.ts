// Compiled, not run: clients of every supported ioredis can be given to the store.
import { redisStore } from '@sess/store-redis';
import { Cluster, Redis } from 'ioredis';
import * as lowest from 'ioredis-5';

redisStore({ client: new Redis() });
redisStore({ client: new Redis({ replyMapping: 'resp3' }) });
redisStore({ client: new Cluster([]) });
redisStore({ client: new lowest.Redis() });
redisStore({ client: new lowest.Cluster([]) });
redisStore({ options: { sentinels: [{ host: 'sentinel', port: 26379 }], name: 'mymaster' } });
// @ts-expect-error: not a client
redisStore({ client: { get: () => undefined } });
