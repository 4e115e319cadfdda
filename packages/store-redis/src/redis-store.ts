import {
  BaseSessionStore,
  type CheckedQuery,
  type SessionPage,
  type SessionRead,
  type SessionRecord,
  type SessionWrite,
  type StoreSupports,
  type WriteResult,
} from '@sess/core/store';
import { commitArguments } from './commit-arguments.ts';
import { refusalOf } from './commit-refusal.ts';
import { commitScript } from './commit-script.ts';
import { deleteScript } from './delete-script.ts';
import { KeyNames } from './key-names.ts';
import { readSession } from './read-session.ts';
import { RedisConnection } from './redis-connection.ts';
import { checkPrefix, checkTimeout, clientOf, type RedisStoreOptions } from './redis-options.ts';
import { type ServerFacts, serverFacts } from './server-facts.ts';
import { type Reindexed, SessionLists } from './session-lists.ts';

/**
 * Keeps each session in a hash of a Redis server (6.2 or later) or a Redis Cluster. Any number of processes may use the
 * same data at once. A commit is one round trip, whatever the session weighs.
 *
 * Throws INVALID_ARGUMENT for an option that makes no sense. Its methods reject with what the contract says, with
 * CORRUPT for a session whose hash is damaged, and with STORE_FAILED where the server cannot be reached or refuses: with
 * `retryable`, and for a write that may have been made in spite of it with `outcome: 'unknown'`.
 *
 * @example
 * ```ts no-run
 * import { sess } from '@sess/core';
 * import { redisStore } from '@sess/store-redis';
 *
 * const ai = sess({ store: redisStore({ url: 'redis://localhost:6379', ttl: 30 * 86_400_000 }) });
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export function redisStore<S = any>(options?: RedisStoreOptions): RedisStore<S> {
  return new RedisStore(options);
}

// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class RedisStore<S = any> extends BaseSessionStore<S> {
  readonly supports: StoreSupports = {
    specVersion: 1,
    commitCost: 'change',
    processes: 'many',
    ttl: { granularityMs: 1 },
    // Immediate on a single node; in a cluster the lists are in other slots than the sessions.
    list: { orders: ['updatedAt', 'createdAt'], scope: 'all', freshness: 'lagging' },
  };
  readonly #connection: RedisConnection;
  readonly #names: KeyNames;
  readonly #lists: SessionLists;
  readonly #hasClock: boolean;
  #facts: Promise<ServerFacts> | undefined;

  /** Throws INVALID_ARGUMENT for an option that makes no sense. */
  constructor(options: RedisStoreOptions = {}) {
    super(options);
    const { prefix = 'sess:', timeoutMs = 10_000 } = options;
    this.#names = new KeyNames(checkPrefix(prefix));
    const limit = checkTimeout(timeoutMs);
    const { client, isOwn } = clientOf(options);
    this.#connection = new RedisConnection(client, isOwn, limit);
    this.#hasClock = options.clock !== undefined;
    this.#lists = new SessionLists({
      connection: this.#connection,
      names: this.#names,
      clock: () => this.#clock(),
      describe: (sessionId) => this.#read(sessionId, { last: 0 }),
    });
  }

  /**
   * Looks whether the server can be used: reached, by this user, and that it is a master. There is nothing to create.
   * Need not be called; it tells early what the first operation would tell otherwise.
   *
   * Rejects with STORE_FAILED.
   */
  async setup(): Promise<void> {
    await this.#server();
    await this.#read('setup', { last: 0 });
  }

  /**
   * Puts every session into the lists, wherever they lack it or have it at a wrong place: after a failover of a cluster,
   * which can lose entries of lists, or where lists were removed. It scans all keys of all masters, beside whatever else
   * goes on; call it for maintenance, not in a request. What lists have too much goes by itself.
   *
   * Rejects with STORE_FAILED; call it again then.
   */
  async reindex(): Promise<Reindexed> {
    await this.#server(); // a cluster's nodes are known only then
    return this.#lists.reindex();
  }

  protected readSession(sessionId: string, read: SessionRead): Promise<SessionRecord<S> | undefined> {
    return this.#read(sessionId, read);
  }

  protected override hasExpired(): boolean {
    return false; // the script that read the session has judged that
  }

  protected async writeSession(sessionId: string, write: SessionWrite<S>): Promise<WriteResult> {
    const { isCluster } = await this.#server();
    return write.kind === 'delete' ? this.#delete(sessionId, isCluster) : this.#commit(sessionId, write, isCluster);
  }

  protected listSessions(query: CheckedQuery): Promise<SessionPage> {
    return this.#lists.page(query);
  }

  protected async closeStore(): Promise<void> {
    await this.#lists.settled();
    this.#connection.close();
  }

  async #commit(
    sessionId: string,
    write: Exclude<SessionWrite<S>, { kind: 'delete' }>,
    isCluster: boolean,
  ): Promise<WriteResult> {
    const change = write.kind === 'commit' ? write.change : undefined;
    if (isCluster && (change === undefined || change.life === null)) {
      await this.#lists.announce(sessionId, change?.owner);
    }
    const args = commitArguments(write, {
      sessionId,
      listsHere: !isCluster,
      clock: this.#clock(),
      ttl: this.ttl,
    });
    const { reply, isRepeated } = await this.#connection.run(commitScript, [this.#names.session(sessionId)], args);
    const [answer, ...rest] = reply as string[];
    if (answer === 'APPLIED') return { existed: true, expiresAt: numberOf(rest[0]) };
    if (answer !== 'DONE') {
      throw refusalOf(reply, sessionId, change && isRepeated ? { ...change, retry: true } : change);
    }
    const [existed, expiresAt, ...about] = rest;
    if (isCluster) {
      const [owner, updatedAt, createdAt] = about;
      this.#lists.place({
        id: sessionId,
        owner: owner || undefined,
        updatedAt: Number(updatedAt),
        createdAt: Number(createdAt),
        expiresAt: numberOf(expiresAt),
        isNew: existed === '0',
      });
    } else this.#lists.lookAfter(about);
    return { existed: existed === '1', expiresAt: numberOf(expiresAt) };
  }

  async #delete(sessionId: string, isCluster: boolean): Promise<WriteResult> {
    const args = [isCluster ? '' : '1', sessionId, this.#clock(), crypto.randomUUID()];
    const { reply } = await this.#connection.run(deleteScript, [this.#names.session(sessionId)], args);
    const [, existed, owner, updatedAt] = reply as string[];
    if (isCluster && updatedAt !== undefined) this.#lists.remove(sessionId, owner || undefined, Number(updatedAt));
    return { existed: existed === '1' };
  }

  #read(sessionId: string, read: SessionRead): Promise<SessionRecord<S> | undefined> {
    return readSession(this.#connection, this.#names.session(sessionId), { sessionId, read, clock: this.#clock() });
  }

  /** The time by the clock that the store was given; none: the server's. */
  #clock(): string {
    return this.#hasClock ? String(this.now()) : '';
  }

  #server(): Promise<ServerFacts> {
    this.#facts ??= serverFacts(this.#connection, this.ttl !== undefined).catch((error) => {
      this.#facts = undefined; // to be asked again
      throw error;
    });
    return this.#facts;
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text ? Number(text) : undefined;
}
