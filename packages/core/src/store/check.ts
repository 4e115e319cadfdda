import type { SavedData } from './apply-write.ts';
import { SessError } from './error.ts';
import { checkId } from './id.ts';
import { toStored } from './json.ts';
import type { MessageData } from './message.ts';
import type { CheckedQuery } from './page-sessions.ts';
import { mapRecord } from './record.ts';
import type { OpenTurn } from './session-data.ts';
import type { SessionChange, SessionQuery, SessionRead, StoreSupports, ThreadChange } from './session-store.ts';

/** Returns its own copy of a value that fits, and throws otherwise; `at` is where the value is, for the message. */
type Check<T> = (value: unknown, at: string) => T;

const object: Check<object> = (value, at) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value : refuse(at, 'be an object');

const count: Check<number> = (value, at) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? (value as number)
    : refuse(at, 'be a whole number, 0 or more');

/** An object of JSON: a message, metadata. */
const jsonObject: Check<never> = (value, at) => toStored(object(value, at), at) as never;

const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value, at) =>
    value === undefined ? value : check(value, at);

const nullable =
  <T>(check: Check<T>): Check<T | null> =>
  (value, at) =>
    value === null ? value : check(value, at);

const listOf =
  <T>(check: Check<T>): Check<T[]> =>
  (value, at) =>
    Array.isArray(value)
      ? Array.from(value, (item, index) => check(item, `${at}[${index}]`))
      : refuse(at, 'be an array');

const byThread =
  <T>(check: Check<T>): Check<Record<string, Exclude<T, undefined>>> =>
  (value, at) =>
    mapRecord(object(value, at) as Record<string, unknown>, (item, thread) =>
      check(item, `${at}.${checkId(thread, 'thread name')}`),
    );

/** An object of known properties; those that are undefined, or not named here, are left out. */
const objectOf =
  <T>(checks: { [K in keyof T]-?: Check<T[K] | undefined> }): Check<T> =>
  (value, at) => {
    const given = object(value, at) as Record<string, unknown>;
    return mapRecord(checks as Record<string, Check<unknown>>, (check, key) => check(given[key], `${at}.${key}`)) as T;
  };

const messages: Check<MessageData[]> = listOf<MessageData>(jsonObject);

const changeShape = objectOf<SessionChange>({
  changeId: checkId,
  life: nullable(checkId),
  state: optional(objectOf({ base: nullable(checkId), value: optional(toStored) })),
  threads: optional(
    byThread(
      objectOf<ThreadChange>({
        base: nullable(checkId),
        keep: count,
        append: messages,
        turn: optional(nullable(objectOf<OpenTurn>({ id: checkId, at: count, leaseMs: count, beat: count }))),
      }),
    ),
  ),
  metadata: optional(jsonObject),
  owner: optional(checkId),
  holds: optional(byThread(checkId)),
  seen: optional(count),
  retry: (value) => (value ? true : undefined),
});

/** The stored form of a change. Throws INVALID_ARGUMENT, INVALID_ID or NOT_SERIALIZABLE. */
export const checkChange: Check<SessionChange> = (value, at) => {
  const change = changeShape(value, at);
  if (change.owner !== undefined && change.life !== null) refuse(`${at}.life`, 'be null where an owner is set');
  return change;
};

/** The stored form of what `save` was given. Bookkeeping of a record that `get` returned is left out. */
export const checkSaved: Check<SavedData> = objectOf<SavedData & { partial?: never }>({
  state: optional(toStored),
  threads: (value, at) => byThread(messages)(value ?? {}, at),
  metadata: optional(jsonObject),
  partial: optional((_, at) => refuse(at, 'be absent: saving a part would erase the rest')),
});

export const checkRead: Check<SessionRead> = objectOf<SessionRead>({
  last: optional(count),
  before: optional(count),
  threads: optional(listOf(checkId)),
});

const checkQueryShape = objectOf<SessionQuery>({
  owner: optional(checkId),
  limit: (value = 100, at) => count(value, at) || refuse(at, 'be a whole number, 1 or more'),
  cursor: optional((value, at) => (typeof value === 'string' ? value : refuse(at, 'be a string'))),
  orderBy: (value = 'updatedAt', at) =>
    value === 'updatedAt' || value === 'createdAt' ? value : refuse(at, 'be updatedAt or createdAt'),
});

/** A query that the store can answer, with its defaults; UNSUPPORTED otherwise. */
export function checkQuery(query: unknown, supported: StoreSupports['list']): CheckedQuery {
  const checked = checkQueryShape(query, 'query') as CheckedQuery;
  if (
    supported === false ||
    !supported.orders.includes(checked.orderBy) ||
    (supported.scope === 'owner' && !checked.owner)
  ) {
    throw new SessError('UNSUPPORTED', 'The store cannot list in this way.');
  }
  return checked;
}

/** A time to live in ms, or undefined. Throws INVALID_ARGUMENT where it is not a number above 0. */
export function checkTtl(ttl: number | undefined): number | undefined {
  const fits = ttl === undefined || (ttl > 0 && Number.isFinite(ttl));
  return fits ? ttl : refuse('ttl', 'be a number above 0');
}

/** Refuses an argument. */
export function refuse(at: string, rule: string): never {
  throw new SessError('INVALID_ARGUMENT', `${at} must ${rule}.`);
}
