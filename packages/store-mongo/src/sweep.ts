import { TOMBSTONE_MS } from '@sess/core/store';
import type { Document, Filter } from 'mongodb';
import type { Collections } from './collections.ts';
import type { DatabaseTime } from './database-time.ts';
import type { HeaderDocument, SegmentDocument, SessionDocument } from './document.ts';
import { isSession } from './header.ts';
import { keepPlace } from './keep-place.ts';
import { removeSegments } from './remove-segments.ts';

const DAY_MS = 86_400_000;
/** What a sweep ends at most; the rest is for the next one. */
const MOST_AT_ONCE = 10_000;

/** What a sweep looks at of a segment. */
type SegmentPlace = Pick<SegmentDocument, '_id' | 'life' | 'layout' | 'thread' | 'from' | 'to' | 'unchecked'>;

/**
 * Removes what has expired and what nothing refers to, in any number of processes at once. Resolves how many documents
 * were removed.
 *
 * @param signal Ends it early: what is left is for the next one.
 */
export async function sweep(
  collections: Collections,
  { time, signal }: { time: DatabaseTime; signal: AbortSignal },
): Promise<number> {
  const { sessions, segments } = collections;
  let removed = await purge(collections, time);
  const expired = await due(collections, 'sweepAt', time);
  for (const sessionId of expired.ids) {
    if (signal.aborted) return removed;
    await endSession(collections, sessionId, expired.now);
  }
  const marked = await sessions.find({ garbage: true }).project<{ _id: string }>({ _id: 1 }).toArray();
  const unchecked = await segments
    .aggregate<{ _id: string }>([{ $match: { unchecked: true } }, { $group: { _id: '$session' } }])
    .toArray();
  for (const sessionId of new Set([...marked, ...unchecked].map(({ _id }) => _id))) {
    if (signal.aborted) return removed;
    removed += await sweepSession(collections, sessionId);
  }
  return removed;
}

/** Removes what the database would remove by itself a little later. */
async function purge(collections: Collections, time: DatabaseTime): Promise<number> {
  const { ids, now } = await due(collections, 'purgeAt', time);
  if (ids.length === 0) return 0;
  const { deletedCount } = await collections.sessions.deleteMany({ _id: { $in: ids }, purgeAt: { $lte: now } });
  return deletedCount;
}

/** The sessions whose time has come, and the time. */
async function due(
  { sessions }: Collections,
  field: 'purgeAt' | 'sweepAt',
  { now }: DatabaseTime,
): Promise<{ ids: string[]; now: Date }> {
  // An index takes no expression; this process's clock may be behind the database's.
  const soon = now === '$$NOW' ? new Date(Date.now() + DAY_MS) : now;
  const found = await sessions
    .aggregate<{ _id: string; at: Date; now: Date }>([
      { $match: { [field]: { $lte: soon } } },
      { $limit: MOST_AT_ONCE },
      { $project: { at: `$${field}`, now } },
    ])
    .toArray();
  const present = found[0]?.now ?? new Date(0);
  return { ids: found.filter(({ at }) => at <= present).map(({ _id }) => _id), now: present };
}

/** Turns an expired session into the trace of one, whose segments can go. */
async function endSession({ sessions }: Collections, sessionId: string, now: Date): Promise<void> {
  const until = new Date(now.getTime() + TOMBSTONE_MS);
  const trace: Document = {
    _id: '$_id',
    layout: { $add: ['$layout', 1] },
    deletedLife: { $ifNull: ['$life', '$deletedLife'] },
    deletedUntil: until,
    sweepAt: until,
    garbage: { $literal: true },
  };
  const filter = { _id: sessionId, life: { $ne: null }, sweepAt: { $lte: now } } as Filter<HeaderDocument>;
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
  if (isSession(document) && Object(document.tails) !== document.tails) return 0; // damaged: who knows what it refers to
  const found = await segments
    .find({ session: sessionId, layout: { $lt: document.layout } })
    .project<SegmentPlace>({ life: 1, layout: 1, thread: 1, from: 1, to: 1, unchecked: 1 })
    .toArray();
  const used = usedSegments(document, found);
  const useless = found.filter(({ _id }) => !used.has(_id));
  await removeSegments(segments, useless);
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
