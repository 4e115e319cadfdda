import { stampOf, turnOf } from './chat-messages.ts';
import { outwaitTurn } from './claim-thread.ts';
import type { KnownSession } from './known-session.ts';
import type { SessionReplica, ThreadNeed } from './session-replica.ts';
import { type MessageData, own, SessError } from './store/index.ts';
import type { ThreadLine } from './thread-line.ts';
import { pendingInterrupts } from './tool-requests.ts';

/** A turn that is open on a thread, as far as can be told. */
export interface OpenTurnInfo {
  /** Empty for an interrupted turn that others than sess have stored. */
  id: string;
  /** When it was opened, in ms since the epoch, by its owner's clock. */
  openedAt: number;
  /**
   * `abandoned`: its process has shown no sign of life for a whole lease. `interrupted`: no process runs it; it waits for
   * answers from outside, and goes on with `respond`.
   */
  status: 'running' | 'abandoned' | 'interrupted';
}

/** The turn that is open on a thread. Watches it until it is known whether it is running or abandoned. */
export async function findOpenTurn(
  replica: SessionReplica,
  need: ThreadNeed,
  line: ThreadLine,
  signal: AbortSignal,
): Promise<OpenTurnInfo | undefined> {
  const { thread } = need;
  const infoOf = (status: OpenTurnInfo['status']): OpenTurnInfo | undefined => {
    const open = own(replica.known?.openTurns, thread);
    return open && { id: open.id, openedAt: open.at, status };
  };
  await replica.refresh({ last: 0, threads: [thread] });
  if (line.isBusy) return infoOf('running');
  try {
    await outwaitTurn(replica, thread, { whenBusy: 'reject', deadline: Number.POSITIVE_INFINITY, signal });
    return infoOf('abandoned') ?? interruptedTurn(own((await replica.load(need))?.threads, thread) ?? []);
  } catch (error) {
    if (!SessError.is(error, 'BUSY')) throw error;
    return infoOf('running');
  }
}

/** Closes the turn that is open on a thread, or waits for answers, and removes its messages. False: there is none. */
export async function discardOpenTurn(replica: SessionReplica, thread: string): Promise<boolean> {
  let wasThere = false;
  await replica.refresh({ threads: [thread] });
  await replica.commit(
    (known) => {
      const messages = own(known?.threads, thread) ?? [];
      const turn = turnOfOpen(known, thread);
      wasThere = turn !== undefined || pendingInterrupts(messages).length > 0;
      if (!wasThere) return undefined;
      const keep = firstOfTurn(messages, turn);
      const base = own(known?.versions.threads, thread) ?? null;
      return { threads: { [thread]: { base, keep, append: [], turn: null } } };
    },
    { thread },
  );
  return wasThere;
}

/** The id of the turn that is open on a thread, whoever goes on with it. */
export function turnOfOpen(known: KnownSession | undefined, thread: string): string | undefined {
  return own(known?.openTurns, thread)?.id.split('.')[0];
}

/** The turn at the end of a history that waits for answers from outside. */
function interruptedTurn(messages: readonly MessageData[]): OpenTurnInfo | undefined {
  if (pendingInterrupts(messages).length === 0) return undefined;
  const { turn: id = '', at = 0 } = stampOf(messages[firstOfTurn(messages)]);
  return { id, openedAt: at, status: 'interrupted' };
}

/** The index of the first message of a turn: of the one that asked for tools last, where none is named. */
function firstOfTurn(messages: readonly MessageData[], turn?: string): number {
  const asked = messages.findLastIndex(({ role }) => role === 'model');
  const id = turn ?? turnOf(messages[asked]);
  if (id === undefined) return asked;
  const first = messages.findIndex((message) => turnOf(message) === id);
  return first < 0 ? messages.length : first;
}
