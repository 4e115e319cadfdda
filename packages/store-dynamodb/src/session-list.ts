import {
  type CheckedQuery,
  infoOf,
  isLive,
  SessError,
  type SessionInfo,
  type SessionOrder,
  type SessionPage,
} from '@sess/core/store';
import type { Database } from './database.ts';
import { decodeHeader, HEADER_KEY, sessionIdOf } from './header.ts';
import { allPartitions, comparePlaces, isPlace, placeOf } from './place.ts';
import { INDEXES, SORT_ATTRIBUTES } from './table-definition.ts';

/** How many sessions one look at the index may bring, at most. */
const LARGEST_LOOK = 500;

export interface ListSettings {
  readonly database: Database;
  readonly prefix: string;
  readonly now: () => number;
}

/** What the index says: it may be late, so that the header decides. */
interface Entry {
  readonly pk: string;
  readonly place: string;
}

interface Found {
  readonly place: string;
  readonly info: SessionInfo;
}

/** One page of sessions: their places from an index, the rest from their headers, read consistently. */
export async function listSessions(settings: ListSettings, query: CheckedQuery): Promise<SessionPage> {
  const { limit, cursor = '', orderBy } = query;
  if (cursor !== '' && !isPlace(cursor)) throw new SessError('INVALID_ARGUMENT', 'cursor must be from list.');
  const found = new Map<string, Found>();
  const unreadable: NonNullable<SessionPage['unreadable']> = [];
  for (let from = cursor, isMore = true; isMore && found.size <= limit; ) {
    const look = await entriesAfter(settings, query, from, Math.min(limit - found.size + 1, LARGEST_LOOK));
    for (const header of await headersOf(settings, look.entries)) {
      if ('error' in header) unreadable.push(header);
      else if (isListed(header.info, query, cursor)) found.set(header.info.id, withPlace(header.info, orderBy));
    }
    from = look.entries.at(-1)?.place ?? from;
    isMore = look.isMore;
  }
  const inOrder = [...found.values()].sort((one, other) => comparePlaces(one.place, other.place));
  const last = inOrder[limit - 1];
  return {
    sessions: inOrder.slice(0, limit).map(({ info }) => info),
    ...(inOrder.length > limit && last && { cursor: last.place }),
    ...(unreadable.length > 0 && { unreadable }),
  };
}

/** One that has moved to before the cursor meanwhile belongs to a page that was answered already. */
function isListed(info: SessionInfo, { owner, orderBy }: CheckedQuery, cursor: string): boolean {
  return (owner === undefined || info.owner === owner) && comparePlaces(placeOf(info[orderBy], info.id), cursor) > 0;
}

function withPlace(info: SessionInfo, orderBy: SessionOrder): Found {
  return { place: placeOf(info[orderBy], info.id), info };
}

/** The next places behind `from`, in order, from all partitions of the index that the query needs. */
async function entriesAfter(
  { database, prefix }: ListSettings,
  { owner, orderBy }: CheckedQuery,
  from: string,
  count: number,
): Promise<{ entries: Entry[]; isMore: boolean }> {
  const { name, partition } = INDEXES[owner === undefined ? 'all' : 'owner'][orderBy];
  const sort = SORT_ATTRIBUTES[orderBy];
  const partitions = owner === undefined ? allPartitions(prefix) : [`${prefix}/${owner}`];
  // Sessions are spread evenly by a hash: so many of each partition are nearly always enough.
  const share = count / partitions.length;
  const countOfEach = Math.min(count, Math.ceil(share + 3 * Math.sqrt(share)));
  const looks = await Promise.all(
    partitions.map(async (value) => {
      const pages = database.query({
        IndexName: name,
        KeyConditionExpression: '#partition = :partition AND #sort > :from',
        ExpressionAttributeNames: { '#partition': partition, '#sort': sort },
        ExpressionAttributeValues: { ':partition': { S: value }, ':from': { S: from || '0' } },
        Limit: countOfEach,
      });
      const found: Entry[] = [];
      for await (const items of pages) {
        found.push(...items.map((item) => ({ pk: item.pk?.S ?? '', place: item[sort]?.S ?? '' })));
        if (found.length >= countOfEach) break;
      }
      return found;
    }),
  );
  const inOrder = looks.flat().sort((one, other) => comparePlaces(one.place, other.place));
  // Behind the last place of a partition that has more, one that was not looked at may come first.
  const lastPlaces = new Set(looks.filter(({ length }) => length >= countOfEach).map((found) => found.at(-1)?.place));
  const end = inOrder.findIndex(({ place }) => lastPlaces.has(place)) + 1 || inOrder.length;
  const entries = inOrder.slice(0, Math.min(end, count));
  return { entries, isMore: lastPlaces.size > 0 || entries.length < inOrder.length };
}

async function headersOf(
  { database, prefix, now }: ListSettings,
  entries: readonly Entry[],
): Promise<({ info: SessionInfo } | { id: string; error: SessError })[]> {
  const items = await database.getAll(entries.map(({ pk }) => ({ pk, sk: HEADER_KEY })));
  return items.flatMap((item): ({ info: SessionInfo } | { id: string; error: SessError })[] => {
    try {
      const header = decodeHeader(item, prefix);
      return header.kind === 'live' && isLive(header.session, now()) ? [{ info: infoOf(header.session) }] : [];
    } catch (error) {
      if (!SessError.is(error)) throw error;
      return [{ id: sessionIdOf(prefix, item.pk?.S ?? ''), error }];
    }
  });
}
