import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { FaultProxy } from '@sess/test-servers/fault-proxy';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

let server: Server;
let proxy: FaultProxy;
let received: string[];
const clients: Socket[] = [];
beforeEach(async () => {
  received = [];
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (data) => {
      received.push(data.toString());
      socket.write(`answer to ${data}`);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultProxy.start(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.stop();
  server.close();
});
const open = () => {
  const client = connect(proxy.port, '127.0.0.1').on('error', () => {});
  clients.push(client);
  return client;
};
const ask = async (client: Socket, question: string) => {
  client.write(question);
  const [answer] = await Promise.race([once(client, 'data'), once(client, 'close').then(() => ['closed'])]);
  return String(answer);
};

test('passes on what comes, and counts it', async () => {
  expect(await ask(open(), 'one')).toBe('answer to one');
  expect(proxy.bytes).toEqual({ toServer: 3, toClient: 13 });
});

test('drops the reply to one request, after the server has acted', async () => {
  const client = open();
  expect(await ask(client, 'one')).toBe('answer to one');
  const dropped = proxy.dropReplyTo((request) => request.includes('two'));
  expect(await ask(client, 'two')).toBe('closed');
  await dropped;
  expect(received).toEqual(['one', 'two']);
  expect(await ask(open(), 'two')).toBe('answer to two');
});

test('cuts connections, and takes new ones', async () => {
  const client = open();
  await ask(client, 'one');
  proxy.cut();
  await once(client, 'close');
  expect(await ask(open(), 'two')).toBe('answer to two');
});

test('refuses connections until it accepts them again, on the same port', async () => {
  const { port } = proxy;
  await proxy.refuse();
  const [error] = await once(open(), 'error');
  expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.accept();
  expect(proxy.port).toBe(port);
  expect(await ask(open(), 'one')).toBe('answer to one');
});

test('passes nothing on while it is silent', async () => {
  const client = open();
  await ask(client, 'one');
  proxy.silence();
  client.write('two');
  proxy.silence(false);
  expect(await ask(open(), 'three')).toBe('answer to three');
  expect(received).toContain('three');
});

test('delays answers', async () => {
  const client = open();
  await ask(client, 'one');
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  proxy.delay(1_000);
  let isAnswered = false;
  const answer = ask(client, 'two').finally(() => {
    isAnswered = true;
  });
  while (vi.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(isAnswered).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(await answer).toBe('answer to two');
  vi.useRealTimers();
});

test('names itself in the URL of a server', () => {
  expect(proxy.through('redis://user:secret@example.org:1/2')).toBe(`redis://user:secret@127.0.0.1:${proxy.port}/2`);
});
