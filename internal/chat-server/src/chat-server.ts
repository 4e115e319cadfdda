import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request that the server got. */
export interface ChatCall {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  // biome-ignore lint/suspicious/noExplicitAny: JSON that the tests look into
  readonly body: any;
  readonly response: ServerResponse;
  /** Resolves when the connection is closed before the answer was whole. */
  readonly cutOff: Promise<void>;
}

/** How a request is answered. */
export type Reply = (call: ChatCall) => void;

/** An OpenAI-compatible server on this machine: the first request gets the first reply, and so on. */
export class ChatServer {
  readonly calls: ChatCall[] = [];
  /** What clients are given as base URL. */
  readonly url: string;
  readonly #server: Server;

  static async start(...replies: Reply[]): Promise<ChatServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ChatServer(server, replies);
  }

  private constructor(server: Server, replies: Reply[]) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
    server.on('request', (request, response) => void this.#answer(request, response, replies));
  }

  async #answer(request: IncomingMessage, response: ServerResponse, replies: Reply[]): Promise<void> {
    const cutOff = new Promise<void>((resolve) => {
      response.once('close', () => !response.writableFinished && resolve());
    });
    let text = '';
    for await (const chunk of request.setEncoding('utf8')) text += chunk;
    const call = { path: request.url ?? '', headers: request.headers, body: JSON.parse(text), response, cutOff };
    const reply = replies[this.calls.length];
    this.calls.push(call);
    if (reply === undefined) response.writeHead(500).end(`There is no reply for call ${this.calls.length}.`);
    else reply(call);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
