import { BSON } from 'mongodb';
import { expect, test } from 'vitest';
import { HttpRequests } from '../src/counting/http-requests.ts';
import { MongodbRequests } from '../src/counting/mongodb-requests.ts';
import { RedisRequests } from '../src/counting/redis-requests.ts';

const redis = Buffer.from('*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\n*\r\n$\n\r\nINFO\r\n');
const http = Buffer.from('POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n');
const mongodb = Buffer.concat([
  message({ hello: 1 }),
  message({ insert: 'c', a: 'x'.repeat(100) }),
  message({ find: 'c' }),
]);

test.each([
  ['Redis', () => new RedisRequests(), redis, { count: 3, bytes: redis.length }],
  ['HTTP', () => new HttpRequests(), http, { count: 2, bytes: http.length }],
  [
    'MongoDB, without the watching of the server,',
    () => new MongodbRequests(),
    mongodb,
    { count: 2, bytes: mongodb.length - message({ hello: 1 }).length },
  ],
])('requests of %s are found, however they are cut', (_, newSplitter, traffic, expected) => {
  expect(newSplitter().take(traffic)).toEqual(expected);
  for (const size of [1, 2, 7, 33, 70]) {
    const splitter = newSplitter();
    const total = { count: 0, bytes: 0 };
    for (let at = 0; at < traffic.length; at += size) {
      const { count, bytes } = splitter.take(traffic.subarray(at, at + size));
      total.count += count;
      total.bytes += bytes;
    }
    expect(total, `pieces of ${size}`).toEqual(expected);
  }
});

/** OP_MSG. */
function message(document: BSON.Document): Buffer {
  const body = BSON.serialize({ ...document, $db: 'db' });
  const head = Buffer.alloc(21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(2013, 12);
  return Buffer.concat([head, body]);
}
