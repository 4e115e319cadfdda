import { own, type Tombstone } from '@sess/core/store';
import type { CheckpointLine, LineRef, LiveRefs, MessageRef, Place, StoredRefs, ThreadIndex } from './journal-line.ts';
import { decodeLine } from './line.ts';
import { type LiveBytes, NO_BYTES } from './live-bytes.ts';

/** How far (bytes) checkpoints are apart, where they are small. */
const INTERVAL_BYTES = 65_536;
/** Where they are large, so that they take a fifth of the file at most. */
const INTERVAL_FACTOR = 4;

/** How many older checkpoints one names for a thread. One that is far back is then found by reading few. */
const LISTED_BLOCKS = 32;

const START = Buffer.from('\n{"checkpoint":');

/** A checkpoint that was read: what replaying starts from. */
export interface Checkpoint {
  readonly line: LineRef;
  readonly read: number;
  readonly sum: string;
  /** Holds no messages: all of them are before it, and found through `index`. */
  readonly stored: StoredRefs;
  readonly index: Readonly<Record<string, ThreadIndex>>;
  readonly live: LiveBytes;
}

export function decodeCheckpoint({ checkpoint, read, sum }: CheckpointLine, line: LineRef): Checkpoint {
  const { session, state, index, live } = checkpoint;
  const stored =
    'deletedUntil' in session
      ? (session as unknown as Tombstone)
      : ({
          ...session,
          ...(state && { state: { at: state[0], bytes: state[1] } }),
          threads: {},
          partial: { offsets: session.lengths },
        } as unknown as LiveRefs);
  return { line, read, sum, stored, index, live };
}

/** A checkpoint for what was replayed since `base`. */
export function checkpointLine(
  stored: StoredRefs,
  { base, live, read, sum }: { base: Checkpoint | undefined; live: LiveBytes; read: number; sum: string },
): CheckpointLine {
  return 'deletedUntil' in stored
    ? { checkpoint: { session: { ...stored }, index: {}, live: NO_BYTES }, read, sum }
    : { checkpoint: { ...describe(stored, base), live }, read, sum };
}

/** Whether a write from `start` to `end` passes the place where the next checkpoint after `base` is due. */
export function isCheckpointDue(base: Checkpoint | undefined, start: number, end: number): boolean {
  const interval = Math.max(INTERVAL_BYTES, INTERVAL_FACTOR * (base?.line.bytes ?? 0));
  const origin = base?.line.at ?? 0;
  return Math.floor((start - origin) / interval) < Math.floor((end - origin) / interval);
}

/** The last valid checkpoint in a piece of a file that begins at `offset`. */
export function lastCheckpoint(bytes: Buffer, offset: number): Checkpoint | undefined {
  for (let from = bytes.length; from >= 0; ) {
    const start = bytes.lastIndexOf(START, from);
    if (start === -1) return undefined;
    const end = bytes.indexOf('\n', start + 1);
    const text = bytes.subarray(start + 1, end === -1 ? bytes.length : end);
    const json = decodeLine(text);
    if (json !== undefined) return decodeCheckpoint(JSON.parse(json), { at: offset + start + 1, bytes: text.length });
    from = start - 1;
  }
  return undefined;
}

function describe(session: LiveRefs, base: Checkpoint | undefined) {
  const { state, threads, partial, ...rest } = session;
  const index = Object.fromEntries(
    Object.keys(session.lengths).map((thread): [string, ThreadIndex] => {
      const from = own(partial?.offsets, thread) ?? 0;
      const lines = groupByLine((own(threads, thread) ?? []) as unknown as readonly MessageRef[]);
      return [thread, { from, lines, ...(from > 0 && olderThan(base, thread, lines.length > 0)) }];
    }),
  );
  return { session: rest, ...(state !== undefined && { state: [state.at, state.bytes] as const }), index };
}

/** Where the messages are that were there at `base`. With `listed`, older checkpoints are named one by one, up to a number. */
function olderThan(
  base: Checkpoint | undefined,
  thread: string,
  listed: boolean,
): Pick<ThreadIndex, 'blocks' | 'before'> {
  const known = own(base?.index, thread);
  if (base === undefined || known === undefined) return {};
  const here = [base.line.at, base.line.bytes] as const;
  const before = known.before && { before: known.before };
  if (known.lines.length === 0) return { ...before };
  const blocks = [...(known.blocks ?? []), [known.from, ...here] as const];
  return listed && blocks.length <= LISTED_BLOCKS ? { blocks, ...before } : { before: here };
}

function groupByLine(refs: readonly MessageRef[]): ThreadIndex['lines'] {
  const lines: [...Place, count: number][] = [];
  for (const { line } of refs) {
    const last = lines.at(-1);
    if (last?.[0] === line.at) last[2] += 1;
    else lines.push([line.at, line.bytes, 1]);
  }
  return lines;
}
