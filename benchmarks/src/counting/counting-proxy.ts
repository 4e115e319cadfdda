import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Cost, Counter } from './counter.ts';
import type { RequestSplitter } from './request-splitter.ts';

/**
 * How long (ms) an answer is held back: all that a client sends without waiting for it has arrived by then, and counts
 * as one round trip. Latencies are never measured through this proxy.
 */
const HOLD_MS = 1;

/** A TCP proxy that counts requests, round trips and bytes. What passes on a connection before its first request is not. */
export class CountingProxy implements Counter {
  readonly #listener: Server;
  readonly #newSplitter: () => RequestSplitter;
  readonly #sockets = new Set<Socket>();
  #roundTrips = 0;
  #sent = 0;
  #received = 0;
  /** Whether something was answered since the last request. */
  #hasAnswered = true;

  private constructor(url: URL, newSplitter: () => RequestSplitter) {
    this.#newSplitter = newSplitter;
    const server = { host: url.hostname, port: Number(url.port) };
    this.#listener = createServer((client) => this.#join(client, connect(server))).listen(0, '127.0.0.1');
  }

  static async start(url: string, newSplitter: () => RequestSplitter): Promise<CountingProxy> {
    const proxy = new CountingProxy(new URL(url), newSplitter);
    await once(proxy.#listener, 'listening');
    return proxy;
  }

  /** The server's URL, with the proxy's address. */
  through(url: string): string {
    const changed = new URL(url);
    changed.host = `127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
    return changed.href;
  }

  take(): Cost {
    const cost = { roundTrips: this.#roundTrips, sent: this.#sent, received: this.#received };
    this.#roundTrips = 0;
    this.#sent = 0;
    this.#received = 0;
    return cost;
  }

  async stop(): Promise<void> {
    const closed = once(this.#listener.close(), 'close');
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket, server: Socket): void {
    const splitter = this.#newSplitter();
    let isUsed = false;
    client.on('data', (data) => {
      const { count, bytes } = splitter.take(data);
      if (count > 0) {
        isUsed = true;
        if (this.#hasAnswered) this.#roundTrips += 1;
        this.#hasAnswered = false;
      }
      this.#sent += bytes;
      server.write(data);
    });
    server.on('data', (data) => {
      setTimeout(() => {
        if (isUsed) {
          this.#received += data.length;
          this.#hasAnswered = true;
        }
        client.write(data);
      }, HOLD_MS);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {}); // 'close' follows
      socket.on('close', () => {
        this.#sockets.delete(socket);
        setTimeout(() => other.destroySoon(), HOLD_MS); // behind the answers that are held back
      });
    }
  }
}
