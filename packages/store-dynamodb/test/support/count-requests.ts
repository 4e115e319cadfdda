import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

export interface CountedRequest {
  readonly name: string;
  /** Bytes of the body that was sent. */
  readonly sent: number;
  /** Bytes of the body that was answered. */
  received: number;
  /** Capacity units, of the table and its indexes, as the server counts them. */
  units: number;
}

// biome-ignore lint/suspicious/noExplicitAny: inputs and outputs of any command.
type Any = any;

/** Counts what a client asks of its server from now on. */
export function countRequests(client: DynamoDBClient): CountedRequest[] {
  const counted: CountedRequest[] = [];
  client.middlewareStack.add(
    (next) => async (given: Any) => {
      const answer = await next({ ...given, input: { ...given.input, ReturnConsumedCapacity: 'TOTAL' } });
      const consumed = [(answer.output as Any).ConsumedCapacity ?? []].flat() as { CapacityUnits?: number }[];
      const last = counted.at(-1);
      if (last) last.units = consumed.reduce((sum, { CapacityUnits: units = 0 }) => sum + units, 0);
      return answer;
    },
    { step: 'initialize' },
  );
  client.middlewareStack.add(
    (next, context: { commandName?: string }) => async (given: Any) => {
      const name = String(context.commandName).replace(/Command$/, '');
      const request = { name, sent: Buffer.byteLength(given.request.body ?? ''), received: 0, units: 0 };
      counted.push(request);
      const answer = await next(given);
      request.received = Number((answer.response as Any).headers['content-length'] ?? 0);
      return answer;
    },
    { step: 'finalizeRequest' },
  );
  return counted;
}

export function sum(requests: readonly CountedRequest[], what: 'sent' | 'received' | 'units'): number {
  return requests.reduce((total, request) => total + request[what], 0);
}
