import { refuse } from './check.ts';
import { defined } from './record.ts';
import type { SessionInfo, SessionRecord } from './session-data.ts';
import type { SessionPage, SessionQuery } from './session-store.ts';

/** A query as an adapter gets it: checked, with its defaults. */
export type CheckedQuery = SessionQuery & Required<Pick<SessionQuery, 'limit' | 'orderBy'>>;

/** What listing tells of a session. */
export function infoOf({ id, owner, metadata, lengths, createdAt, updatedAt, expiresAt }: SessionRecord): SessionInfo {
  return defined<SessionInfo>({ id, owner, metadata, lengths, createdAt, updatedAt, expiresAt });
}

/**
 * One page of sessions that are all at hand: newest first, those of the same time by id. The cursor is the place of
 * the last one answered, so a session that moves while one pages is seen at its new place only.
 *
 * Throws INVALID_ARGUMENT for a cursor that is not its own.
 */
export function pageSessions(
  sessions: Iterable<SessionInfo>,
  { owner, limit, cursor = '', orderBy }: CheckedQuery,
): SessionPage {
  if (cursor && !/^\d{16} /.test(cursor)) refuse('cursor', 'be from list');
  const rest = [...sessions]
    .filter((info) => owner === undefined || info.owner === owner)
    .map((info) => ({ info, place: `${String(Number.MAX_SAFE_INTEGER - info[orderBy]).padStart(16, '0')} ${info.id}` }))
    .filter(({ place }) => place > cursor)
    .sort((a, b) => (a.place < b.place ? -1 : 1));
  return defined<SessionPage>({
    sessions: rest.slice(0, limit).map(({ info }) => info),
    cursor: rest.length > limit ? rest[limit - 1]?.place : undefined,
  });
}
