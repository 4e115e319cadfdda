import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy in front of a server, which makes connections fail in the ways in which networks do. */
export class FaultProxy {
  readonly #target: { host: string; port: number };
  readonly #connections = new Set<{ client: Socket; server: Socket }>();
  #listener: Server | undefined;
  #port = 0;
  #delayMs = 0;
  #isSilent = false;
  #drop: { matches: (request: Buffer) => boolean; dropped: () => void } | undefined;
  /** Bytes that have passed, in each direction. */
  readonly bytes = { toServer: 0, toClient: 0 };

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
  }

  /** @param url Of the server: its host and port are used. */
  static async start(url: string): Promise<FaultProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new FaultProxy({ host: hostname, port: Number(port) });
    await proxy.accept();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** The URL of the server, with the proxy's host and port. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.#port);
    return changed.href;
  }

  /** Closes all connections. New ones are taken. */
  cut(): void {
    for (const connection of this.#connections) this.#close(connection);
  }

  /** Closes all connections and refuses new ones. */
  async refuse(): Promise<void> {
    const closed = this.#listener && once(this.#listener.close(), 'close');
    this.#listener = undefined;
    this.cut();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async accept(): Promise<void> {
    if (this.#listener) return;
    this.#listener = createServer((client) => this.#serve(client)).listen(this.#port, '127.0.0.1');
    await once(this.#listener, 'listening');
    this.#port = (this.#listener.address() as AddressInfo).port;
  }

  /** Holds back what the server answers for so long (ms). */
  delay(ms: number): void {
    this.#delayMs = ms;
  }

  /** Passes nothing on any more, in either direction, and keeps the connections open; false: passes on what comes. */
  silence(isSilent = true): void {
    this.#isSilent = isSilent;
  }

  /**
   * Swallows the server's answer to the next request that matches, and closes that connection: the server has acted,
   * and its client cannot know. Resolves when that has happened.
   */
  dropReplyTo(matches: (request: Buffer) => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#drop = { matches, dropped: resolve };
    });
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  #serve(client: Socket): void {
    const server = connect(this.#target);
    const connection = { client, server };
    this.#connections.add(connection);
    let dropped: (() => void) | undefined;
    client.on('data', (data) => {
      if (this.#isSilent) return;
      if (this.#drop?.matches(data)) {
        dropped = this.#drop.dropped;
        this.#drop = undefined;
      }
      this.bytes.toServer += data.length;
      server.write(data);
    });
    server.on('data', (data) => {
      if (this.#isSilent) return;
      if (dropped) {
        this.#close(connection);
        dropped();
        return;
      }
      this.bytes.toClient += data.length;
      if (this.#delayMs > 0) setTimeout(() => client.write(data), this.#delayMs);
      else client.write(data);
    });
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {}); // the other end learns of it by the close
      socket.on('close', () => this.#close(connection));
    }
  }

  #close(connection: { client: Socket; server: Socket }): void {
    this.#connections.delete(connection);
    connection.client.destroy();
    connection.server.destroy();
  }
}
