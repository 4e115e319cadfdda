import { statfs } from 'node:fs/promises';
import { own } from '@sess/core/store';
import { checkpointLine } from './checkpoint.ts';
import { messageLines, stateLine } from './content-line.ts';
import { generationOf, newJournalName } from './file-name.ts';
import { FORMAT, type Journal } from './journal.ts';
import type { JournalFile } from './journal-file.ts';
import type { LineRef, MessageRef, StoredRefs } from './journal-line.ts';
import { encode } from './line.ts';
import { LineBuffer } from './line-buffer.ts';
import { totalOf } from './live-bytes.ts';
import type { SessionFolder } from './session-folder.ts';

/** Fewer dead bytes than this are not worth a rewrite. */
const WORTHWHILE_BYTES = 1_048_576;
const FLUSH_BYTES = 1_048_576;

export function headerLine(sessionId: string): string {
  return JSON.stringify({ sess: FORMAT, id: sessionId });
}

/** Whether more of a file is dead than alive: cut-off messages, replaced states, refused and empty changes. */
export function isWorthwhile({ replay }: Journal): boolean {
  const live = totalOf(replay.live) + 2 * (replay.base?.line.bytes ?? 0);
  return replay.position - live > Math.max(live, WORTHWHILE_BYTES);
}

/** Whether the disk has room for a successor. A sealed journal takes no writes before it has one. */
export async function hasRoom(journal: Journal, folder: SessionFolder): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder.path);
  return bavail * bsize > 2 * totalOf(journal.replay.live) + WORTHWHILE_BYTES;
}

/** Ends a generation, if it has not ended before. */
export async function seal(journal: Journal): Promise<void> {
  const { failure } = await journal.append([encode({ seal: true, ...journal.replay.witness })], true);
  if (failure !== undefined) throw failure;
}

/**
 * Makes sure that a sealed journal's successor is in its place: any process that meets a sealed journal does what is
 * left to do, in whatever state a killed one has left it. The first successor that the journal names and that exists
 * is the one, so that all agree. Resolves false if there is none and `build` is false.
 */
export async function succeed(
  journal: Journal,
  fileName: string,
  folder: SessionFolder,
  build: boolean,
): Promise<boolean> {
  let mine: string | undefined;
  for (let round = 0; round < 3; round++) {
    for (const name of journal.replay.successors) {
      if (!(await folder.publish(name, fileName))) continue;
      if (mine !== undefined && mine !== name) await folder.dropSuccessor(mine);
      return true;
    }
    if (!build) return false;
    mine = await buildSuccessor(journal, fileName, folder);
    const { failure } = await journal.append([encode({ next: mine, ...journal.replay.witness })], true);
    if (failure !== undefined) throw failure;
  }
  throw new Error('What this process wrote disappears.');
}

async function buildSuccessor(journal: Journal, fileName: string, folder: SessionFolder): Promise<string> {
  const name = newJournalName((generationOf(fileName) ?? 0) + 1);
  const file = await folder.createSuccessor(name);
  try {
    await copy(journal, file);
    await file.sync();
    await folder.syncName();
  } catch (error) {
    await folder.dropSuccessor(name).catch(() => {}); // what stays is swept
    throw error;
  } finally {
    await file.close();
  }
  return name;
}

/** Writes what is alive, and a checkpoint that says where each part is. */
async function copy(journal: Journal, file: JournalFile): Promise<void> {
  const { stored } = journal.replay;
  if (stored === undefined) throw new Error('A sealed journal without a session in it.');
  const buffer = new LineBuffer();
  buffer.append(headerLine(journal.sessionId));
  const copied =
    'deletedUntil' in stored ? { stored, live: journal.replay.live } : await copyContent(journal, stored, buffer, file);
  const { stored: moved, live } = copied;
  buffer.append(JSON.stringify(checkpointLine(moved, { base: undefined, live, ...buffer.witness })));
  await file.append(buffer.take());
}

async function copyContent(
  journal: Journal,
  stored: Exclude<StoredRefs, { deletedUntil: number }>,
  buffer: LineBuffer,
  file: JournalFile,
) {
  const { state, partial: _, ...session } = stored;
  const newState: LineRef | undefined = state && buffer.append(stateLine(await journal.state(state)));
  const threads: [string, MessageRef[], number][] = [];
  for (const thread of Object.keys(session.lengths)) {
    const copied: MessageRef[] = [];
    let bytes = 0;
    const refs = await journal.refs(stored, thread, 0, own(session.lengths, thread) ?? 0);
    for await (const messages of journal.messages(thread, refs)) {
      for (const { json, count } of messageLines(messages)) {
        const line = buffer.append(json);
        bytes += line.bytes;
        for (let index = 0; index < count; index++) copied.push({ line, index });
      }
      if (buffer.held > FLUSH_BYTES) await file.append(buffer.take());
    }
    threads.push([thread, copied, bytes]);
  }
  const live = {
    state: newState?.bytes ?? 0,
    threads: Object.fromEntries(threads.map(([thread, , bytes]) => [thread, bytes])),
  };
  const places = Object.fromEntries(threads.map(([thread, copied]) => [thread, copied]));
  return {
    stored: { ...session, ...(newState && { state: newState }), threads: places as never } satisfies StoredRefs,
    live,
  };
}
