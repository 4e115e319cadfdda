import { createHash } from 'node:crypto';
import { defined } from '@sess/core/store';
import type { SegmentDocument, SessionDocument, Tail } from './document.ts';
import { LEFT_BYTES, SEGMENT_BYTES, STATE_BYTES, TAIL_BYTES } from './limits.ts';
import { bytesOf } from './text-write.ts';

/** Whose segments they are, and which layout the session's document has while they are written. */
export interface SegmentOwner {
  readonly session: string;
  readonly life: string;
  readonly layout: number;
}

/** How many of its oldest messages leave each tail, so that the tails together are small again. */
export function messagesToMove(tails: Readonly<Record<string, Tail>>): Map<string, number> {
  const sizes = Object.entries(tails).map(([field, { messages = [] }]) => ({
    field,
    messages,
    bytes: bytesOf(messages),
  }));
  const moved = new Map<string, number>();
  let left = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  for (const { field, messages, bytes } of sizes.sort((a, b) => b.bytes - a.bytes)) {
    if (left <= TAIL_BYTES / 2) break;
    let count = messages.length;
    let kept = 0;
    // What stays of a small tail would be too little to be worth another segment of it soon.
    const room = bytes > 2 * LEFT_BYTES ? LEFT_BYTES : 0;
    for (; count > 0; count -= 1) {
      const next = bytesOf([messages[count - 1] as string]);
      if (kept + next > room) break;
      kept += next;
    }
    moved.set(field, count);
    left -= bytes - kept;
  }
  return moved;
}

/** The segments for messages that leave a tail. */
export function messageSegments(owner: SegmentOwner, thread: string, tail: Tail, count: number): SegmentDocument[] {
  const segments: SegmentDocument[] = [];
  const messages = (tail.messages ?? []).slice(0, count);
  let from = tail.from ?? 0;
  for (const part of cut(messages)) {
    const to = from + part.length;
    const below = segments.length > 0 ? owner.layout : tail.top;
    segments.push(segmentDocument(owner, { thread, part: segments.length, from, to, messages: part, below }));
    from = to;
  }
  return segments;
}

/** A session's document as it is stored, and the segments that have to be written before it. */
export function moveToSegments(
  document: SessionDocument,
  layout: number,
): { document: SessionDocument; segments: SegmentDocument[] } {
  const owner = { session: document._id, life: document.life, layout };
  const moved: SessionDocument = { ...document, tails: { ...document.tails } };
  const segments: SegmentDocument[] = [];
  if (document.size > TAIL_BYTES) {
    for (const [field, count] of messagesToMove(document.tails)) {
      const tail = document.tails[field] ?? {};
      segments.push(...messageSegments(owner, field, tail, count));
      const messages = tail.messages?.slice(count) ?? [];
      moved.tails[field] = { from: (tail.from ?? 0) + count, top: layout, messages };
    }
    moved.size = bytesOf(Object.values(moved.tails).flatMap(({ messages = [] }) => messages));
  }
  if (document.state !== undefined && bytesOf([document.state]) > STATE_BYTES) {
    segments.push(segmentDocument(owner, { thread: '', part: 0, from: 0, to: 0, state: document.state }));
    delete moved.state;
    moved.stateLayout = layout;
  }
  return { document: moved, segments };
}

function segmentDocument(
  owner: SegmentOwner,
  content: Pick<SegmentDocument, 'thread' | 'part' | 'from' | 'to'> & {
    messages?: string[];
    state?: string;
    below?: number | undefined;
  },
): SegmentDocument {
  const { session, life, layout } = owner;
  const place = JSON.stringify([session, life, content.thread, layout, content.part]);
  const _id = createHash('sha256').update(place).digest('base64url');
  return {
    _id,
    ...owner,
    ...defined<typeof content>({ below: undefined, ...content }),
    unchecked: true,
  } as SegmentDocument;
}

function* cut(messages: readonly string[]): Generator<string[]> {
  let part: string[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = bytesOf([message]);
    if (part.length > 0 && bytes + size > SEGMENT_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(message);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
