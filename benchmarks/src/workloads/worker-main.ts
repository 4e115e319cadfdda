// A process that stores turns in one session, and tells its parent of each.
import { once } from 'node:events';
import { findContender } from '../all-contenders.ts';
import { turnMessages } from '../messages.ts';
import { shortReason } from './each-contender.ts';
import type { WorkerNews, WorkerOptions } from './worker.ts';

const { backend, contender, place, sessionId, writer, from, turns }: WorkerOptions = JSON.parse(process.argv[2] ?? '');

/** Resolves when it has been sent: what is acknowledged must be told before the next turn begins. */
const tell = (news: WorkerNews) => new Promise((resolve) => process.send?.(news, resolve));

const opened = await (await findContender(backend, contender)).open(place);
await opened.turn(`warm-up-${writer}`, turnMessages(1));
await tell('ready');
await once(process, 'message');
for (let turn = from; turn < from + turns; turn += 1) {
  try {
    await opened.turn(sessionId, turnMessages(turn, writer));
    await tell({ acknowledged: turn });
  } catch (error) {
    await tell({ refused: shortReason(error) });
  }
}
await opened.close();
await tell('ended');
process.disconnect();
