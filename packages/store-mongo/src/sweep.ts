import { TOMBSTONE_MS } from '@sess/core/store';
import type { Document, Filter } from 'mongodb';
import type { Collections } from './collections.ts';
import type { DatabaseTime } from './database-time.ts';
import type { HeaderDocument, SegmentDocument, SessionDocument } from './document.ts';
import { isSession } from './header.ts';
import { keepPlace } from './keep-place.ts';

/** What a sweep looks at of a segment. */
type SegmentPlace = Pick<SegmentDocument, '_id' | 'life' | 'layout' | 'thread' | 'from' | 'to' | 'unchecked'>;

/**
 * Removes what has expired and what nothing refers to, in any number of processes at once. Resolves how many documents
 * were removed.
 */
export async function sweep(collections: Collections, time: DatabaseTime): Promise<number> {
  const { sessions, segments } = collections;
  let removed = 0;
  const purged = await sessions.deleteMany(isDue('purgeAt', time));
  removed += purged.deletedCount;
  for await (const { _id } of sessions.find(isDue('sweepAt', time)).project<{ _id: string }>({ _id: 1 })) {
    await endSession(collections, _id, time);
  }
  const marked = await sessions.find({ garbage: true }).project<{ _id: string }>({ _id: 1 }).toArray();
  const unchecked = await segments
    .aggregate<{ _id: string }>([{ $match: { unchecked: true } }, { $group: { _id: '$session' } }])
    .toArray();
  for (const sessionId of new Set([...marked, ...unchecked].map(({ _id }) => _id))) {
    removed += await sweepSession(collections, sessionId);
  }
  return removed;
}

/** The index knows dates, the expression knows the database's time. */
function isDue(field: 'purgeAt' | 'sweepAt', { now }: DatabaseTime): Filter<HeaderDocument> {
  const filter: Document =
    now === '$$NOW'
      ? { [field]: { $lte: aheadOfAnyClock() }, $expr: { $lte: [`$${field}`, now] } }
      : { [field]: { $lte: now } };
  return filter as Filter<HeaderDocument>;
}

function aheadOfAnyClock(): Date {
  const DAY_MS = 86_400_000;
  return new Date(Date.now() + DAY_MS);
}

/** Turns an expired session into the trace of one, whose segments can go. */
async function endSession({ sessions }: Collections, sessionId: string, time: DatabaseTime): Promise<void> {
  const until = { $add: [time.now, TOMBSTONE_MS] };
  const trace: Document = {
    _id: '$_id',
    layout: { $add: ['$layout', 1] },
    deletedLife: { $ifNull: ['$life', '$deletedLife'] },
    deletedUntil: until,
    sweepAt: until,
    garbage: { $literal: true },
  };
  const filter = { _id: sessionId, life: { $ne: null }, ...isDue('sweepAt', time) } as Filter<HeaderDocument>;
  await sessions.updateOne(filter, [{ $replaceWith: trace }]);
}

/** Removes the segments that nothing refers to, and ticks off the others. */
async function sweepSession(collections: Collections, sessionId: string): Promise<number> {
  const { segments } = collections;
  const inUse = await segments
    .find({ session: sessionId, unchecked: true })
    .project<SegmentPlace>({ layout: 1 })
    .toArray();
  const newest = Math.max(-1, ...inUse.map(({ layout }) => layout));
  const document = await raiseAbove(collections, sessionId, newest);
  if (document === undefined) return 0; // somebody is at work there
  const found = await segments
    .find({ session: sessionId, layout: { $lt: document.layout } })
    .project<SegmentPlace>({ life: 1, layout: 1, thread: 1, from: 1, to: 1, unchecked: 1 })
    .toArray();
  const used = usedSegments(document, found);
  const useless = found.filter(({ _id }) => !used.has(_id)).sort((a, b) => a.layout - b.layout);
  // In this order, since a reader who misses a segment must not find an older one in its place.
  if (useless.length > 0) {
    await segments.bulkWrite(
      useless.map(({ _id }) => ({ deleteOne: { filter: { _id } } })),
      { ordered: true },
    );
  }
  const seen = found.filter(({ _id, unchecked }) => unchecked && used.has(_id)).map(({ _id }) => _id);
  if (seen.length > 0) await segments.updateMany({ _id: { $in: seen } }, { $unset: { unchecked: '' } });
  if (document.garbage) await forgetGarbage(collections, document, used.size > 0);
  return useless.length;
}

/**
 * The session's document, of a layout above that of all segments: whoever has written one and was about to refer to it
 * fails. Undefined where the document changed meanwhile.
 */
async function raiseAbove(
  collections: Collections,
  sessionId: string,
  layout: number,
): Promise<HeaderDocument | undefined> {
  const read = async () => (await collections.sessions.findOne({ _id: sessionId })) ?? undefined;
  const document = await read();
  if (document === undefined) {
    await keepPlace(collections, sessionId);
    return read();
  }
  if (document.layout > layout) return document;
  const filter = { _id: sessionId, layout: document.layout };
  const { matchedCount } = await collections.sessions.updateOne(filter, { $set: { layout: layout + 1 } });
  return matchedCount > 0 ? { ...document, layout: layout + 1 } : undefined;
}

/** The ids of the segments that the document refers to: for each message, the one of the highest layout. */
export function usedSegments(document: HeaderDocument, segments: readonly SegmentPlace[]): Set<string> {
  if (!isSession(document)) return new Set();
  const ofLife = segments.filter(({ life }) => life === document.life);
  const used = new Set<string>();
  for (const { _id, thread, layout } of ofLife) {
    if (thread === '' && layout === document.stateLayout) used.add(_id);
  }
  for (const [field, { from: end = 0 }] of Object.entries(document.tails ?? {})) {
    const newestFirst = ofLife
      .filter(({ thread }) => thread === field)
      .sort((a, b) => b.layout - a.layout || b.from - a.from);
    // Going down through the layouts, each holds what lies before the first message of those above it.
    let before = end;
    for (const { _id, from, to } of newestFirst) {
      if (from >= before || to < before) continue;
      used.add(_id);
      before = from;
    }
  }
  return used;
}

async function forgetGarbage(
  { sessions }: Collections,
  document: HeaderDocument,
  refersToSegments: boolean,
): Promise<void> {
  const { _id, layout, sweepAt } = document as SessionDocument;
  const isPurgeable = !refersToSegments && sweepAt !== undefined;
  const unset: Document = { garbage: '', ...(isPurgeable && { sweepAt: '' }) };
  const update: Document = { $unset: unset, ...(isPurgeable && { $set: { purgeAt: sweepAt } }) };
  await sessions.updateOne({ _id, layout }, update);
}
