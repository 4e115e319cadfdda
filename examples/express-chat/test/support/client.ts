/** What a request was answered with. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: JSON that the tests look into
  readonly body: any;
}

export interface Event {
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON that the tests look into
  readonly data: any;
}

/** Somebody who talks to the server over HTTP. */
export class Client {
  readonly url: string;
  #cookie = '';

  constructor(url: string) {
    this.url = url;
  }

  static async signedIn(url: string, name = 'ada'): Promise<Client> {
    const client = new Client(url);
    const { status } = await client.post('/sign-in', { name, password: 'demo' });
    if (status !== 200) throw new Error(`signing in was answered with ${status}`);
    return client;
  }

  get(path: string): Promise<Reply> {
    return this.request('GET', path);
  }

  /** @param body A string is sent as it is. */
  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    return this.request('POST', path, body, headers);
  }

  async request(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const response = await this.#fetch(method, path, body, headers);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Sends a message, and reads its answer as a stream. */
  async stream(message: string, sessionId?: string): Promise<AsyncGenerator<Event, void>> {
    const response = await this.#fetch('POST', '/chat', { message, sessionId }, { accept: 'text/event-stream' });
    return eventsOf(response);
  }

  /** Reads the answer that is being made. */
  async follow(sessionId: string): Promise<AsyncGenerator<Event, void>> {
    return eventsOf(await this.#fetch('GET', `/sessions/${sessionId}/answer`));
  }

  async #fetch(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await fetch(this.url + path, {
      method,
      headers: { cookie: this.#cookie, 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const cookies = response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]);
    if (cookies.length > 0) this.#cookie = cookies.join('; ');
    return response;
  }
}

/** The events of a stream. Leaving a loop over them closes the connection. */
async function* eventsOf({ status, headers, body }: Response): AsyncGenerator<Event, void> {
  if (!headers.get('content-type')?.startsWith('text/event-stream')) throw new Error(`no stream, but status ${status}`);
  let rest = '';
  for await (const text of (body as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const [, event = '', data = ''] = /^event: (.+)\ndata: (.+)$/.exec(block) ?? [];
      yield { event, data: JSON.parse(data) };
    }
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
