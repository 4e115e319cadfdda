// Starts a server, tells its port, and goes on until it is killed.
import { startRedis } from '../../src/redis.ts';

const { url } = await startRedis(['--loglevel', 'warning']);
process.send?.(Number(new URL(url).port));
