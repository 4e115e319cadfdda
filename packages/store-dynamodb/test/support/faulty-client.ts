import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newClient } from './open-store.ts';

export type CommandName =
  | 'GetItem'
  | 'Query'
  | 'BatchGetItem'
  | 'BatchWriteItem'
  | 'PutItem'
  | 'UpdateItem'
  | 'TransactWriteItems'
  | 'DescribeTable';

// biome-ignore lint/suspicious/noExplicitAny: inputs and outputs of any command.
type Any = any;
/** What happens instead of a request. `pass` sends it, or what it is given in its place. */
export type Fault = (pass: (input?: Any) => Promise<Any>, input: Any) => Promise<unknown>;

/** A client to a real server, of which the requests that a test names go wrong as DynamoDB's do and DynamoDB Local's never. */
export class FaultyClient {
  readonly client: DynamoDBClient;
  /** The names of all commands so far. */
  readonly commands: string[] = [];
  readonly #faults: { name: CommandName; fault: Fault; left: number }[] = [];

  constructor(client: DynamoDBClient = newClient()) {
    this.client = client;
    const send = client.send.bind(client) as (command: unknown, options: unknown) => Promise<Any>;
    const faulty = async (command: { input: Any; constructor: { name: string } }, options: unknown) => {
      const name = command.constructor.name.replace(/Command$/, '');
      this.commands.push(name);
      const pass = (input = command.input) => send(Object.assign(Object.create(command), { input }), options);
      const next = this.#faults.find((it) => it.name === name && it.left > 0);
      if (next === undefined) return pass();
      next.left -= 1;
      return next.fault(pass, command.input);
    };
    Object.assign(client, { send: faulty });
  }

  /** Lets the next requests of a kind go wrong: one of them, or so many. */
  next(name: CommandName, fault: Fault, times = 1): void {
    this.#faults.push({ name, fault, left: times });
  }

  /** Whether everything went wrong that was to. */
  get isDone(): boolean {
    return this.#faults.every(({ left }) => left === 0 || left === Number.POSITIVE_INFINITY);
  }
}

/** An error as the SDK throws it. */
export function failure(name: string, fields: object = {}): Fault {
  return async () => {
    throw Object.assign(new Error(`${name} of a test`), { name, ...fields });
  };
}

/** A transaction that is cancelled, for one reason an item. */
export function cancelled(...codes: string[]): Fault {
  return failure('TransactionCanceledException', { CancellationReasons: codes.map((Code) => ({ Code })) });
}

/** The server acts, something may happen, and its answer gets lost. */
export function lostReply(meanwhile: () => Promise<unknown> = async () => {}): Fault {
  return async (pass) => {
    await pass();
    await meanwhile();
    throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' });
  };
}
