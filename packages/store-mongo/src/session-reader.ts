import type { SessionRead, SessionRecord } from '@sess/core/store';
import type { Document } from 'mongodb';
import type { Collections } from './collections.ts';
import type { DatabaseTime } from './database-time.ts';
import type { HeaderDocument, SegmentDocument, SessionDocument } from './document.ts';
import { byName, fieldOf, nameOf } from './field-name.ts';
import { isSession, sessionOf } from './header.ts';
import { joinSegments } from './join-segments.ts';
import { damaged, parse, parsed } from './stored-json.ts';

const MAX_ATTEMPTS = 20;
/** MongoDB's `$slice` takes no larger number. */
const MAX_COUNT = 2 ** 31 - 1;

/** Which messages of a thread are asked for, by index. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Reads sessions: the document, and in a second query what is asked for of the segments. */
export class SessionReader {
  readonly #collections: Collections;
  readonly #time: DatabaseTime;

  constructor(collections: Collections, time: DatabaseTime) {
    this.#collections = collections;
    this.#time = time;
  }

  /** The session as it is at one moment; undefined where it is not, or has expired. */
  async read(sessionId: string, read: SessionRead): Promise<SessionRecord | undefined> {
    const isWhole = Object.values(read).every((value) => value === undefined);
    let lastLayout: number | undefined;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const document = await this.#readDocument(sessionId, read, isWhole);
      if (document === undefined) return undefined;
      const ranges = rangesOf(document, read);
      const older = await this.#readSegments(document, ranges);
      if (older !== undefined) return recordOf(document, { ranges, older, isWhole });
      // Segments go only after the document that referred to them was changed.
      if (lastLayout === document.layout) break;
      lastLayout = document.layout;
    }
    throw damaged('messages of it, or its state, are missing in the database');
  }

  async #readDocument(sessionId: string, read: SessionRead, isWhole: boolean): Promise<SessionDocument | undefined> {
    const set = { now: this.#time.now, ...(!isWhole && { tails: windowOfTails(read) }) };
    const [found] = await this.#collections.sessions
      .aggregate<HeaderDocument & { now: Date }>([{ $match: { _id: sessionId } }, { $set: set }])
      .toArray();
    if (found === undefined || !isSession(found)) return undefined;
    const { now, ttl, writtenAt } = found as SessionDocument & { now: Date };
    checkForm(found);
    const isExpired = ttl !== undefined && writtenAt.getTime() + ttl <= now.getTime();
    return isExpired ? undefined : found;
  }

  /** By field, the messages of the ranges that are not in the tails, and the state. Undefined where some are gone. */
  async #readSegments(
    document: SessionDocument,
    ranges: ReadonlyMap<string, Range>,
  ): Promise<{ messages: Map<string, string[]>; state: string | undefined } | undefined> {
    const { _id: session, life, layout, tails, stateLayout } = document;
    const wanted = [...ranges].flatMap(([field, { start, end }]) => {
      const range = { field, start, end: Math.min(end, tails[field]?.from ?? 0) };
      return range.start < range.end ? [range] : [];
    });
    const parts: Document[] = wanted.map(({ field, start, end }) => ({
      thread: field,
      to: { $gt: start },
      from: { $lt: end },
    }));
    const isStateApart = document.state === undefined && stateLayout !== undefined;
    if (isStateApart) parts.push({ thread: '', layout: stateLayout });
    if (parts.length === 0) return { messages: new Map(), state: document.state };

    const segments = await this.#collections.segments
      .aggregate<SegmentDocument>([
        { $match: { session, life, layout: { $lt: layout }, $or: parts } },
        { $project: { thread: 1, layout: 1, from: 1, to: 1, below: 1, state: 1, messages: windowOfMessages(wanted) } },
      ])
      .toArray();
    const messages = new Map<string, string[]>();
    for (const { field, start, end } of wanted) {
      const ofThread = segments.filter(({ thread }) => thread === field);
      const { from, top } = tails[field] ?? {};
      const joined = joinSegments(ofThread, { start, end, top: end === from ? top : undefined });
      if (joined === undefined) return undefined;
      messages.set(field, joined);
    }
    const state = isStateApart ? segments.find(({ thread }) => thread === '')?.state : document.state;
    return isStateApart && state === undefined ? undefined : { messages, state };
  }
}

/** The messages asked for, of the threads asked for. */
function rangesOf({ lengths }: SessionDocument, { last, before, threads }: SessionRead): Map<string, Range> {
  const fields = Object.keys(lengths).filter((field) => threads?.includes(nameOf(field)) ?? true);
  return new Map(
    fields.map((field) => {
      const length = lengths[field] ?? 0;
      const end = Math.min(before ?? length, length);
      return [field, { start: Math.max(0, end - (last ?? end)), end }];
    }),
  );
}

/** Leaves in the tails what is asked for, so that nothing else is sent. */
function windowOfTails({ last, before, threads }: SessionRead): Document {
  const newest = last && Math.min(last, MAX_COUNT);
  const limit = before && Math.min(before, MAX_COUNT);
  const all: Document = { $ifNull: ['$$this.v.messages', []] };
  const from = { $ifNull: ['$$this.v.from', 0] };
  const early = limit === undefined ? all : { $slice: [all, { $max: [0, { $subtract: [limit, from] }] }] };
  const messages = newest === undefined ? early : newest === 0 ? [] : { $slice: [early, -newest] };
  const selected = threads ? { $cond: [{ $in: ['$$this.k', threads.map(fieldOf)] }, messages, []] } : messages;
  const tail = { $mergeObjects: ['$$this.v', { messages: selected }] };
  const tails = { $objectToArray: { $ifNull: ['$tails', {}] } };
  return { $arrayToObject: { $map: { input: tails, in: { k: '$$this.k', v: tail } } } };
}

/** Cuts messages that are not asked for off a segment. */
function windowOfMessages(ranges: readonly (Range & { field: string })[]): Document {
  const branches = ranges.map(({ field, start, end }) => {
    const first = { $max: ['$from', start] };
    const count = { $subtract: [{ $min: ['$to', end] }, first] };
    const messages = { $slice: ['$messages', { $subtract: [first, '$from'] }, count] };
    // biome-ignore lint/suspicious/noThenProperty: MongoDB's name for it; nothing awaits this.
    return { case: { $eq: ['$thread', field] }, then: messages };
  });
  return branches.length === 0 ? { $literal: [] } : { $switch: { branches, default: [] } };
}

function recordOf(
  document: SessionDocument,
  {
    ranges,
    older,
    isWhole,
  }: {
    ranges: ReadonlyMap<string, Range>;
    older: { messages: ReadonlyMap<string, string[]>; state: string | undefined };
    isWhole: boolean;
  },
): SessionRecord {
  const { partial: _, recent: __, ...session } = sessionOf(document);
  const messagesOf = (field: string) => {
    const { from = 0, messages = [] } = document.tails[field] ?? {};
    const { start, end } = ranges.get(field) ?? { start: 0, end: 0 };
    // A window has left in the tail what is asked for, and no more.
    const newer = isWhole ? messages.slice(Math.max(0, start - from)) : messages;
    return [...(older.messages.get(field) ?? []), ...(end > from ? newer : [])].map(parse);
  };
  const { state: text } = older;
  const { state: ___, ...known } = session;
  return {
    ...known,
    ...(text !== undefined && { state: parse(text) }),
    threads: byName(Object.fromEntries(ranges), (_, field) => messagesOf(field)),
    ...(session.metadata && { metadata: parsed(session.metadata) }),
    ...(!isWhole && { partial: { offsets: byName(Object.fromEntries(ranges), ({ start }) => start) } }),
  };
}

/** A document that something else has written must not look like a session without messages. */
function checkForm(document: Partial<SessionDocument>): void {
  const { life, recent, versions, lengths, tails, layout, createdAt, updatedAt, writtenAt } = document;
  const areRecords = [versions, lengths, tails].every((record) => Object(record) === record);
  const areTimes = [createdAt, updatedAt, writtenAt].every((time) => time instanceof Date);
  const areOthers = typeof life === 'string' && Array.isArray(recent) && typeof layout === 'number';
  if (!areRecords || !areTimes || !areOthers) throw damaged('its document is not of this form');
}
