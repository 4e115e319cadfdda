import { once } from 'node:events';
import { connect } from 'node:net';

/** Sends one command to a Redis server, and resolves to its reply as it comes over the wire. */
export async function redisCommand(port: number, ...words: string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8').setTimeout(5_000);
  socket.on('timeout', () => socket.destroy(new Error('timed out')));
  socket.end(`${words.join(' ')}\r\nQUIT\r\n`); // it answers both, then closes
  let reply = '';
  socket.on('data', (data) => {
    reply += data;
  });
  await once(socket, 'close').catch((error) => Promise.reject(error));
  return reply;
}

/** Waits until what it says of itself matches. Asks again every few ms, for at most half a minute. */
export async function untilRedisSays(
  port: number,
  command: string,
  expected: RegExp,
  isOver?: () => boolean,
): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const reply = await redisCommand(port, ...command.split(' ')).catch((error: Error) => error.message);
    if (expected.test(reply)) return;
    if (isOver?.()) throw new Error('the server has ended');
    if (Date.now() > deadline) throw new Error(`the server on port ${port} does not answer ${command}: ${reply}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
