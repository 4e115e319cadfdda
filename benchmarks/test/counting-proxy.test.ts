import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { CountingProxy } from '../src/counting/counting-proxy.ts';
import { RedisRequests } from '../src/counting/redis-requests.ts';

const PING = '*1\r\n$4\r\nPING\r\n';
const PONG = '+PONG\r\n';

/** A server that answers each request, and a client behind the proxy. */
async function openProxied() {
  const server = createServer((socket) => {
    const requests = new RedisRequests();
    socket.on('data', (data) => void socket.write(PONG.repeat(requests.take(data).count)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const proxy = await CountingProxy.start(url, () => new RedisRequests());
  const { port } = new URL(proxy.through(url));
  const client = connect(Number(port), '127.0.0.1').setEncoding('latin1');
  onTestFinished(async () => {
    client.destroy();
    await proxy.stop();
    await once(server.close(), 'close');
  });
  const answers = async (count: number) => {
    let text = '';
    while (text.length < count * PONG.length) text += (await once(client, 'data'))[0];
  };
  return { proxy, client, answers };
}

test('what is asked one after the other is a round trip each', async () => {
  const { proxy, client, answers } = await openProxied();
  for (let request = 0; request < 3; request += 1) {
    client.write(PING);
    await answers(1);
  }
  expect(proxy.take()).toEqual({ roundTrips: 3, sent: 3 * PING.length, received: 3 * PONG.length });
  expect(proxy.take()).toEqual({ roundTrips: 0, sent: 0, received: 0 });
});

test('what is asked without waiting is one round trip', async () => {
  const { proxy, client, answers } = await openProxied();
  client.write(PING + PING);
  client.write(PING);
  await answers(3);
  expect(proxy.take()).toEqual({ roundTrips: 1, sent: 3 * PING.length, received: 3 * PONG.length });
});
