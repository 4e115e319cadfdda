import { type MessageData, type OpenTurn, SessError, type SessionRead, type SessionRecord } from '@sess/core/store';
import { readScript, sliceScript } from './read-script.ts';
import type { RedisConnection, Reply } from './redis-connection.ts';

/** How many bytes of messages a script loads at most: the server does nothing else meanwhile, for about a millisecond. */
const SLICE_BYTES = 1_048_576;
/** How often a reading begins anew, because messages were taken away during it, before it is done in one step. */
const RESTARTS = 5;

/** A thread as the script answers it; the last three only where it is to be loaded. */
type ThreadReply = [
  name: string,
  number: string,
  version: string,
  length: string,
  edition: string,
  turn: string | null,
  turnAt: string,
  turnLease: string,
  beat: string,
  from?: string,
  to?: string,
  messages?: (string | null)[],
];

/**
 * Reads a session as it was at one moment, however large it is. Undefined where there is none.
 *
 * Rejects with CORRUPT where something of it is missing or garbled.
 */
export async function readSession<S>(
  connection: RedisConnection,
  key: string,
  { sessionId, read, clock }: { sessionId: string; read: SessionRead; clock: string },
): Promise<SessionRecord<S> | undefined> {
  const { last, before, threads } = read;
  for (let attempt = 0; ; attempt += 1) {
    const bytes = attempt < RESTARTS ? String(SLICE_BYTES) : '';
    const selection = threads === undefined ? [] : ['threads', ...threads];
    const range = [last, before].map((limit) => (limit === undefined ? '' : String(limit)));
    const { reply } = await connection.run(readScript, [key], [clock, ...range, bytes, ...selection]);
    if (reply[0] === 'NONE') return undefined;
    const isWhole = await loadTheRest(connection, key, reply);
    if (!isWhole) continue;
    try {
      return recordOf<S>(reply, sessionId, read);
    } catch (cause) {
      if (SessError.is(cause)) throw cause;
      throw corrupt(sessionId, 'something of it is not JSON');
    }
  }
}

/** Adds the messages that the first answer left out. False where some of them have been taken away meanwhile. */
async function loadTheRest(connection: RedisConnection, key: string, reply: readonly Reply[]): Promise<boolean> {
  const life = reply[1] as string;
  for (const thread of reply[10] as ThreadReply[]) {
    const [name, number, , , edition, , , , , from = '0', to = '0', messages = []] = thread;
    while (Number(from) + messages.length < Number(to)) {
      const rest = [String(Number(from) + messages.length), to, String(SLICE_BYTES)];
      const { reply: slice } = await connection.run(sliceScript, [key], [life, name, number, edition, ...rest]);
      if (slice[0] === 'CHANGED') return false;
      for (const message of slice[1] as (string | null)[]) messages.push(message);
    }
  }
  return true;
}

function recordOf<S>(reply: readonly Reply[], sessionId: string, read: SessionRead): SessionRecord<S> {
  const [, life, changes, createdAt, updatedAt, expiresAt, owner, state, stateVersion] = reply as (string | null)[];
  const metadata = reply[9] as string[];
  const threads = reply[10] as ThreadReply[];
  const loaded = threads.filter(([, , , , , , , , , from]) => from !== undefined);
  const openTurns = threads.flatMap((thread) => {
    const turn = openTurnOf(thread);
    return turn === undefined ? [] : [[thread[0], turn] as const];
  });
  const isPartial = Object.values(read).some((limit) => limit !== undefined);
  return {
    id: sessionId,
    ...(state != null && { state: JSON.parse(state) as S }),
    threads: Object.fromEntries(loaded.map((thread) => [thread[0], messagesOf(sessionId, thread)])),
    life: life as string,
    versions: {
      state: stateVersion ?? null,
      threads: Object.fromEntries(threads.map(([name, , version]) => [name, version])),
    },
    lengths: Object.fromEntries(threads.map(([name, , , length]) => [name, Number(length)])),
    ...(openTurns.length > 0 && { openTurns: Object.fromEntries(openTurns) }),
    changes: Number(changes),
    createdAt: Number(createdAt),
    updatedAt: Number(updatedAt),
    ...(expiresAt != null && { expiresAt: Number(expiresAt) }),
    ...(owner != null && { owner }),
    ...(metadata.length > 0 && { metadata: metadataOf(metadata) }),
    ...(isPartial && {
      partial: { offsets: Object.fromEntries(loaded.map((thread) => [thread[0], Number(thread[9])])) },
    }),
  };
}

function openTurnOf([, , , , , id, at, leaseMs, beat]: ThreadReply): OpenTurn | undefined {
  return id === null ? undefined : { id, at: Number(at), leaseMs: Number(leaseMs), beat: Number(beat) };
}

function messagesOf(sessionId: string, [name, , , , , , , , , , , messages = []]: ThreadReply): MessageData[] {
  return messages.map((message) => {
    if (message === null) throw corrupt(sessionId, `a message of thread ${JSON.stringify(name)} is missing`);
    return JSON.parse(message) as MessageData;
  });
}

function metadataOf(entries: readonly string[]): Record<string, unknown> {
  const found: [string, unknown][] = [];
  for (let at = 0; at < entries.length; at += 2) found.push([entries[at] ?? '', JSON.parse(entries[at + 1] ?? '')]);
  return Object.fromEntries(found);
}

function corrupt(sessionId: string, problem: string): SessError {
  const what = `The hash of session ${JSON.stringify(sessionId)} is damaged: ${problem}`;
  return new SessError('CORRUPT', `${what}. Restore it from a backup, or move it away to do without.`);
}
