/**
 * What the store uses of a client of ioredis: a `Redis` (of a single node, or through Sentinel) or a `Cluster`, of any
 * version that is supported, however its replies are mapped.
 */
export interface RedisClient {
  readonly isCluster: boolean;
  readonly status: string;
  evalsha(sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(lua: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  info(): Promise<string>;
  call(command: string, ...args: string[]): Promise<unknown>;
  /** `keyPrefix` is put before each key by the driver, but not before a pattern of keys. */
  readonly options: { readonly keyPrefix?: string | undefined };
  disconnect(reconnect?: boolean): void;
  // biome-ignore lint/suspicious/noExplicitAny: each event has its own arguments.
  on(event: string, listener: (...args: any[]) => void): unknown;
}

/** What the store uses of a `Cluster` besides. */
export interface RedisClusterClient extends RedisClient {
  nodes(role?: 'master'): RedisClient[];
}
