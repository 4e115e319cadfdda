import { createHash } from 'node:crypto';
import {
  defined,
  type LiveSession,
  type OpenTurn,
  own,
  REMEMBERED_CHANGES,
  SessError,
  type Tombstone,
} from '@sess/core/store';
import type { Condition } from './database.ts';
import { type Horizon, timeToLive } from './horizon.ts';
import { partitionFor, placeOf, sweepPartition, sweepPlace } from './place.ts';
import type { Item } from './request-failure.ts';
import { INDEXES, SORT_ATTRIBUTES } from './table-definition.ts';

/** The sort key of the header, which every session has one of. */
export const HEADER_KEY = 'header';
/** Below the 400 KB that an item may have, keys included. */
const LARGEST_HEADER_BYTES = 380_000;
/** How many characters (96 bits) stand for a change id among the remembered ones. */
const TOKEN_LENGTH = 16;

/** Where the state is: in so many rows at that place of the session's run. */
export interface StateRows {
  readonly place: string;
  readonly rows: number;
}

/** What is kept of a session that is there, besides its messages and its state. */
export interface LiveHeader {
  readonly kind: 'live';
  /** Another one with each write, and never again: what is known from before a table was restored does not pass. */
  readonly revision: string;
  /** Without content; `recent` holds tokens of change ids. */
  readonly session: LiveSession;
  /** What the sort keys of its rows begin with. A session that is created or saved begins a new one. */
  readonly run: string;
  readonly threadNumbers: Readonly<Record<string, number>>;
  readonly state: StateRows | undefined;
  readonly horizon: Horizon;
  /** The horizon that rows get from now on, while those that are there still have to. */
  readonly announced: Horizon | undefined;
  /** Runs of which rows may be left. */
  readonly dead: readonly string[];
}

/** What is kept of a session that was deleted. */
export interface DeletedHeader {
  readonly kind: 'deleted';
  readonly revision: string;
  readonly session: Tombstone;
  readonly dead: readonly string[];
}

export type Header = LiveHeader | DeletedHeader;

/** Which sessions can be listed: each index that a session is in costs writes when it changes. */
export type Listing = 'all' | 'owner' | false;

/** How headers are stored. */
export interface HeaderLayout {
  readonly prefix: string;
  readonly listing: Listing;
}

/** The header as JSON, in the attribute `header`; what conditions and indexes need stands beside it. */
interface StoredHeader {
  run: string;
  changes: number;
  createdAt: number;
  updatedAt: number;
  expiresAt?: number;
  owner?: string;
  metadata?: Record<string, unknown>;
  state?: StateRows & { version: string };
  threads: Record<string, { number: number; version: string; length: number; turn?: OpenTurn }>;
  recent: string;
  horizon: Horizon;
  announced?: Horizon;
  dead?: readonly string[];
}

interface StoredTombstone {
  deletedUntil: number;
  dead?: readonly string[];
}

/** Stands for a change id among the remembered ones. */
export function tokenOf(changeId: string): string {
  return createHash('sha256').update(changeId).digest('base64url').slice(0, TOKEN_LENGTH);
}

/** Whether a change was applied to the session as it is now. */
export function remembers({ session }: LiveHeader, changeId: string): boolean {
  return session.life === changeId || session.recent.includes(tokenOf(changeId));
}

export function partitionKey(prefix: string, sessionId: string): string {
  return `${prefix}/${sessionId}`;
}

export function sessionIdOf(prefix: string, pk: string): string {
  return pk.slice(prefix.length + 1);
}

/** The item of a header. Throws TOO_LARGE. */
export function encodeHeader(header: Header, { prefix, listing }: HeaderLayout): Item {
  const { session, revision } = header;
  const common: Item = {
    pk: { S: partitionKey(prefix, session.id) },
    sk: { S: HEADER_KEY },
    life: { S: session.life },
    revision: { S: revision },
  };
  const item =
    header.kind === 'live' ? encodeLive(header, common, { prefix, listing }) : encodeDeleted(header, common, prefix);
  if (Buffer.byteLength(item.header?.S ?? '') > LARGEST_HEADER_BYTES) {
    const problem = `has more threads and metadata than ${LARGEST_HEADER_BYTES} bytes hold`;
    throw new SessError('TOO_LARGE', `Session ${JSON.stringify(session.id)} ${problem}.`, { sessionId: session.id });
  }
  return item;
}

/** Holds where the header is still the one that was read; undefined: where there is none. */
export function isStill(header: Header | undefined): Condition {
  if (header === undefined) return { expression: 'attribute_not_exists(pk)' };
  return {
    expression: 'revision = :revision',
    values: { ':revision': { S: header.revision } },
  };
}

/** A copy of its own each time. Throws CORRUPT. */
export function decodeHeader(item: Item, prefix: string): Header {
  const id = sessionIdOf(prefix, item.pk?.S ?? '');
  try {
    const { life: { S: life } = {}, revision: { S: revision } = {} } = item;
    if (!life || !revision) throw new Error('the header has no life or no revision');
    const stored = JSON.parse(item.header?.S ?? '') as StoredHeader | StoredTombstone;
    return 'deletedUntil' in stored
      ? decodeDeleted(stored, { id, life, revision })
      : decodeLive(stored, { id, life, revision });
  } catch (cause) {
    throw new SessError(
      'CORRUPT',
      `The header of session ${JSON.stringify(id)} cannot be read. Restore the session from a backup, or delete its items.`,
      { sessionId: id, cause },
    );
  }
}

function encodeLive(header: LiveHeader, common: Item, layout: HeaderLayout): Item {
  const { session, run, threadNumbers, state, horizon, announced, dead } = header;
  const { versions, lengths, openTurns, changes, createdAt, updatedAt, expiresAt, owner, metadata } = session;
  const threads = Object.fromEntries(
    Object.entries(lengths).map(([name, length]) => [
      name,
      defined<StoredHeader['threads'][string]>({
        number: own(threadNumbers, name) ?? 0,
        version: own(versions.threads, name) ?? '',
        length,
        turn: own(openTurns, name),
      }),
    ]),
  );
  const stored = defined<StoredHeader>({
    run,
    changes,
    createdAt,
    updatedAt,
    expiresAt,
    owner,
    metadata,
    state: versions.state === null ? undefined : { version: versions.state, ...(state ?? { place: '', rows: 0 }) },
    threads,
    recent: session.recent.join(''),
    horizon,
    announced,
    dead: dead.length > 0 ? dead : undefined,
  });
  return {
    ...common,
    header: { S: JSON.stringify(stored) },
    ...indexKeys(session, layout),
    ...timeToLive(expiresAt),
  };
}

function indexKeys({ id, owner, createdAt, updatedAt }: LiveSession, { prefix, listing }: HeaderLayout): Item {
  const isOwned = owner !== undefined && listing !== false;
  if (listing !== 'all' && !isOwned) return {};
  return {
    ...(listing === 'all' && { [INDEXES.all.updatedAt.partition]: { S: partitionFor(prefix, id) } }),
    ...(isOwned && { [INDEXES.owner.updatedAt.partition]: { S: `${prefix}/${owner}` } }),
    [SORT_ATTRIBUTES.updatedAt]: { S: placeOf(updatedAt, id) },
    [SORT_ATTRIBUTES.createdAt]: { S: placeOf(createdAt, id) },
  };
}

/** While rows are left, a sweep can find it; afterwards, DynamoDB removes it. */
function encodeDeleted({ session, dead }: DeletedHeader, common: Item, prefix: string): Item {
  const { deletedUntil } = session;
  const stored = defined<StoredTombstone>({ deletedUntil, dead: dead.length > 0 ? dead : undefined });
  const rest: Item =
    dead.length > 0
      ? {
          [INDEXES.all.updatedAt.partition]: { S: sweepPartition(prefix) },
          [SORT_ATTRIBUTES.updatedAt]: { S: sweepPlace(deletedUntil) },
        }
      : timeToLive(deletedUntil);
  return { ...common, header: { S: JSON.stringify(stored) }, ...rest };
}

interface Identity {
  id: string;
  life: string;
  revision: string;
}

function decodeLive(stored: StoredHeader, { id, life, revision }: Identity): LiveHeader {
  const {
    run,
    changes,
    createdAt,
    updatedAt,
    expiresAt,
    owner,
    metadata,
    state,
    horizon,
    announced,
    dead = [],
  } = stored;
  const threads = Object.entries(stored.threads);
  const perThread = <T>(map: (thread: StoredHeader['threads'][string]) => T | undefined): Record<string, T> =>
    defined(Object.fromEntries(threads.map(([name, thread]) => [name, map(thread)])) as Record<string, T | undefined>);
  const lengths = perThread(({ length }) => length);
  const openTurns = perThread(({ turn }) => turn);
  const session = defined<LiveSession>({
    id,
    life,
    threads: {},
    versions: { state: state?.version ?? null, threads: perThread(({ version }) => version) },
    lengths,
    openTurns: Object.keys(openTurns).length > 0 ? openTurns : undefined,
    changes,
    createdAt,
    updatedAt,
    expiresAt,
    owner,
    metadata,
    partial: { offsets: lengths },
    recent: tokensIn(stored.recent),
  });
  return {
    kind: 'live',
    revision,
    session,
    run,
    threadNumbers: perThread(({ number }) => number),
    state: state && { place: state.place, rows: state.rows },
    horizon,
    announced,
    dead,
  };
}

function decodeDeleted({ deletedUntil, dead = [] }: StoredTombstone, identity: Identity): DeletedHeader {
  const { id, life, revision } = identity;
  return { kind: 'deleted', revision, session: { id, life, deletedUntil }, dead };
}

function tokensIn(recent: string): string[] {
  return Array.from({ length: Math.min(REMEMBERED_CHANGES, recent.length / TOKEN_LENGTH) }, (_, index) =>
    recent.slice(index * TOKEN_LENGTH, (index + 1) * TOKEN_LENGTH),
  );
}
