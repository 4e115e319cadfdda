import { SessError } from '@sess/core/store';
import { MongoClient, type MongoClientOptions } from 'mongodb';

const SELECTION_MS = 5_000;

/** The caller's client, or one of the store's own. */
export class Connection {
  readonly client: MongoClient;
  readonly #isOwn: boolean;
  #connected: Promise<unknown> | undefined;

  /** Throws INVALID_ARGUMENT. */
  constructor(
    { client, url, clientOptions }: { client?: MongoClient; url?: string; clientOptions?: MongoClientOptions },
    timeoutMs: number,
  ) {
    if ((client === undefined) === (url === undefined)) {
      throw new SessError('INVALID_ARGUMENT', 'Give the store either a url or a client.');
    }
    this.#isOwn = client === undefined;
    this.client = client ?? openClient(url as string, clientOptions, timeoutMs);
  }

  /**
   * Resolves once the client has been connected. Operations would connect it too, but a client of which that has failed
   * does not try again by itself.
   */
  async connect(): Promise<void> {
    this.#connected ??= this.client.connect();
    try {
      await this.#connected;
    } catch (error) {
      this.#connected = undefined;
      throw error;
    }
  }

  /** Closes the client if it is the store's own. */
  async close(): Promise<void> {
    if (this.#isOwn) await this.client.close();
  }
}

/** A client that gives up in time. */
function openClient(url: string, clientOptions: MongoClientOptions | undefined, timeoutMs: number): MongoClient {
  const defaults = {
    serverSelectionTimeoutMS: Math.min(SELECTION_MS, timeoutMs),
    connectTimeoutMS: Math.min(SELECTION_MS, timeoutMs),
    socketTimeoutMS: timeoutMs,
  };
  // What the connection string says about these is the caller's wish too.
  const wished = Object.entries(defaults).filter(([name]) => !new RegExp(`[?&]${name}=`, 'i').test(url));
  try {
    return new MongoClient(url, { ...Object.fromEntries(wished), ...clientOptions });
  } catch {
    // The driver's message may quote the string, with the password in it.
    throw new SessError('INVALID_ARGUMENT', 'url, or clientOptions, is not what the mongodb driver understands.');
  }
}
