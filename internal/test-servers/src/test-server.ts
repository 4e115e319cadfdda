/** A real server for tests. */
export interface TestServer {
  readonly name: string;
  readonly version: string;
  readonly url: string;
  stop(): Promise<void>;
  kill(): Promise<void>;
  restart(): Promise<void>;
}
