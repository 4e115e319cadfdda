import type { Document } from 'mongodb';
import type { Collections } from './collections.ts';
import type { SegmentDocument, SessionDocument } from './document.ts';
import { isSession } from './header.ts';
import { TAIL_BYTES } from './limits.ts';
import { isDuplicate, isPassing } from './mongo-error.ts';
import { messageSegments, messagesToMove } from './segment.ts';
import { bytesOf } from './text-write.ts';

const ALL = 2 ** 31 - 1;

/**
 * Moves the older messages of tails that have grown too large to segments: these first, then the update that refers to
 * them, which others may append before. Where it fails, the next commit tries again.
 */
export async function sealTails(collections: Collections, sessionId: string): Promise<void> {
  try {
    await seal(collections, sessionId);
  } catch {
    // The commit has landed, and that is what its caller asks.
  }
}

async function seal(collections: Collections, sessionId: string): Promise<void> {
  const { sessions } = collections;
  const document = await sessions.findOne({ _id: sessionId }, { readConcern: { level: 'local' } });
  if (document === null || !isSession(document) || document.size <= TAIL_BYTES) return;
  const { life, layout, tails, purgeAt } = document;
  const counts = messagesToMove(tails);
  const moved = [...counts].flatMap(([field, count]) =>
    messageSegments({ session: sessionId, life, layout }, field, tails[field] ?? {}, count),
  );
  try {
    await writeSegments(collections, document, moved);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    // Somebody else is at it. Had they died of it, then nobody could until the layout is another.
    if (document.size > 2 * TAIL_BYTES) await sessions.updateOne({ _id: sessionId, layout }, { $inc: { layout: 1 } });
    return;
  }
  const bytes = moved.reduce((sum, { messages = [] }) => sum + bytesOf(messages), 0);
  const set: Document = { size: { $subtract: ['$size', bytes] }, layout: layout + 1 };
  for (const [field, count] of counts) {
    const from = (tails[field]?.from ?? 0) + count;
    const rest = { $slice: [`$tails.${field}.messages`, count, ALL] };
    set[`tails.${field}`] = { from, top: layout, messages: rest };
  }
  if (purgeAt !== undefined) Object.assign(set, { sweepAt: purgeAt, purgeAt: '$$REMOVE' });
  await sessions.updateOne({ _id: sessionId, life, layout }, [{ $set: set }]);
}

/** Has the server copy the messages, so that they need not be sent again; a server that cannot is sent them. */
async function writeSegments(
  { sessions, segments }: Collections,
  { _id, life, layout, tails }: SessionDocument,
  moved: SegmentDocument[],
): Promise<void> {
  const copies = moved.map(({ messages: _, ...rest }) => {
    const first = rest.from - (tails[rest.thread]?.from ?? 0);
    const messages = { $slice: [`$tails.${rest.thread}.messages`, first, rest.to - rest.from] };
    return { $mergeObjects: [{ $literal: rest }, { messages }] };
  });
  const pipeline: Document[] = [
    { $match: { _id, life, layout } },
    { $project: { _id: 0, segment: copies } },
    { $unwind: '$segment' },
    { $replaceRoot: { newRoot: '$segment' } },
    { $merge: { into: segments.collectionName, whenMatched: 'fail', whenNotMatched: 'insert' } },
  ];
  try {
    await sessions.aggregate(pipeline, { readConcern: { level: 'local' } }).toArray();
  } catch (error) {
    if (isDuplicate(error) || isPassing(error)) throw error;
    await segments.insertMany(moved);
  }
}
