import {
  type CheckedQuery,
  defined,
  SessError,
  type SessionInfo,
  type SessionOrder,
  type SessionPage,
} from '@sess/core/store';
import type { Document, Filter } from 'mongodb';
import type { Collections } from './collections.ts';
import type { DatabaseTime } from './database-time.ts';
import type { HeaderDocument, SessionDocument } from './document.ts';
import { byName } from './field-name.ts';
import { damaged, parsed } from './stored-json.ts';

const LAST_DATE = new Date(8_640_000_000_000_000);

type ListedDocument = Pick<
  SessionDocument,
  '_id' | 'owner' | 'metadata' | 'lengths' | 'createdAt' | 'updatedAt' | 'writtenAt' | 'ttl'
>;

/** One page of the sessions that are there, by an index. */
export async function listSessions(
  { sessions }: Collections,
  { owner, limit, cursor, orderBy }: CheckedQuery,
  time: DatabaseTime,
): Promise<SessionPage> {
  const isAlive = time.condition((now) => ({ $gt: [{ $add: ['$writtenAt', '$ttl'] }, now] }));
  const place =
    cursor === undefined ? { [orderBy]: { $lte: LAST_DATE } } : behind(parseCursor(cursor, orderBy), orderBy);
  const filter: Document = {
    ...(owner !== undefined && { owner }),
    $and: [place, { life: { $ne: null } }, { $or: [{ ttl: null }, isAlive] }],
  };
  const found = (await sessions
    .find(filter as Filter<HeaderDocument>)
    .project({ owner: 1, metadata: 1, lengths: 1, createdAt: 1, updatedAt: 1, writtenAt: 1, ttl: 1 })
    .sort({ [orderBy]: -1, _id: 1 })
    .limit(limit + 1)
    .toArray()) as ListedDocument[];
  const last = found.length > limit ? found[limit - 1] : undefined;
  const page: SessionPage = { sessions: [] };
  for (const document of found.slice(0, limit)) {
    try {
      page.sessions.push(infoOf(document));
    } catch (thrown) {
      const error = Object.assign(damaged(thrown), { sessionId: document._id });
      page.unreadable = [...(page.unreadable ?? []), { id: document._id, error }];
    }
  }
  if (last !== undefined) page.cursor = formatCursor(last, orderBy);
  return page;
}

function infoOf(document: ListedDocument): SessionInfo {
  const { _id, owner, metadata, lengths, createdAt, updatedAt, writtenAt, ttl } = document;
  if (Object(lengths) !== lengths) throw damaged('its document is not of this form'); // it must not look empty
  const hasMetadata = Object.keys(metadata ?? {}).length > 0;
  return defined<SessionInfo>({
    id: _id,
    owner,
    metadata: hasMetadata ? parsed(byName(metadata, (value) => value)) : undefined,
    lengths: byName(lengths, (length) => length),
    createdAt: createdAt.getTime(),
    updatedAt: updatedAt.getTime(),
    expiresAt: ttl === undefined ? undefined : writtenAt.getTime() + ttl,
  });
}

/** The place of a session in an order. */
interface Place {
  readonly time: Date;
  readonly id: string;
}

function behind({ time, id }: Place, orderBy: SessionOrder): Document {
  return { [orderBy]: { $lte: time }, $or: [{ [orderBy]: { $lt: time } }, { _id: { $gt: id } }] };
}

function formatCursor(document: ListedDocument, orderBy: SessionOrder): string {
  return Buffer.from(JSON.stringify([orderBy, document[orderBy].getTime(), document._id])).toString('base64url');
}

function parseCursor(cursor: string, orderBy: SessionOrder): Place {
  try {
    const [order, time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (order === orderBy && Number.isSafeInteger(time) && typeof id === 'string') return { time: new Date(time), id };
  } catch {
    // Not one of ours.
  }
  throw new SessError('INVALID_ARGUMENT', 'query.cursor must be from list, with the same orderBy.');
}
