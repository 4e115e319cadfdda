import type { LiveSession, StoredSession, Tombstone } from '@sess/core/store';
import { defined, own } from '@sess/core/store';
import type { HeaderDocument, SessionDocument, Tail, TombstoneDocument } from './document.ts';
import { byField, byName, fieldOf } from './field-name.ts';
import { LONGEST_LIFE_MS, PURGE_SLACK_MS } from './limits.ts';
import { bytesOf, type MessageText, type StoredState } from './text-write.ts';

/** A session with its messages and metadata as text; of its messages it has the tails. */
export type TextSession = LiveSession<StoredState>;

export function isSession(document: HeaderDocument | undefined): document is SessionDocument {
  return document !== undefined && 'life' in document;
}

export function storedOf(document: HeaderDocument): StoredSession<StoredState> | undefined {
  if (isSession(document)) return sessionOf(document);
  const { _id, deletedLife, deletedUntil } = document;
  return deletedLife === undefined
    ? undefined
    : ({ id: _id, life: deletedLife, deletedUntil: deletedUntil.getTime() } satisfies Tombstone);
}

export function sessionOf(document: SessionDocument): TextSession {
  const { ttl, writtenAt, stateLayout, state, tails, versions } = document;
  const turns = Object.keys(document.turns ?? {}).length > 0 ? document.turns : undefined;
  const metadata = Object.keys(document.metadata ?? {}).length > 0 ? document.metadata : undefined;
  return defined<TextSession>({
    id: document._id,
    life: document.life,
    state: state !== undefined ? { text: state } : stateLayout !== undefined ? { layout: stateLayout } : undefined,
    threads: byName(versions, (_, field) => (tails?.[field]?.messages ?? []) as MessageText[]),
    versions: { state: document.stateVersion ?? null, threads: byName(versions, (version) => version) },
    lengths: byName(document.lengths, (length) => length),
    openTurns: turns && byName(turns, (turn) => turn),
    changes: document.changes,
    createdAt: document.createdAt.getTime(),
    updatedAt: document.updatedAt.getTime(),
    expiresAt: ttl === undefined ? undefined : writtenAt.getTime() + ttl,
    owner: document.owner,
    metadata: metadata && byName(metadata, (value) => value),
    partial: { offsets: byName(versions, (_, field) => tails?.[field]?.from ?? 0) },
    recent: document.recent,
  });
}

/** What a session's document becomes, but for its purge. All messages that are new are in the tails yet. */
export function documentOf(
  session: TextSession,
  { old, now, ttl }: { old: HeaderDocument | undefined; now: Date; ttl: number | undefined },
): SessionDocument {
  const { state, versions } = session;
  const offsets = session.partial?.offsets;
  const previous = isSession(old) && old.life === session.life ? old : undefined;
  const tails = byField(versions.threads, (_, name) => {
    const from = own(offsets, name) ?? 0;
    const before = previous?.tails[fieldOf(name)];
    const top = (before?.from ?? 0) === from ? before?.top : undefined;
    return defined<Tail>({
      from: from || undefined,
      top,
      messages: (own(session.threads, name) ?? []) as unknown as string[],
    });
  });
  return defined<SessionDocument>({
    _id: session.id,
    life: session.life,
    changes: session.changes,
    recent: [...session.recent],
    owner: session.owner,
    metadata: byField(session.metadata, (value) => value as string),
    state: state && 'text' in state ? state.text : undefined,
    stateLayout: state && 'layout' in state ? state.layout : undefined,
    stateVersion: versions.state ?? undefined,
    versions: byField(versions.threads, (version) => version),
    lengths: byField(session.lengths, (length) => length),
    turns: byField(session.openTurns, (turn) => turn),
    tails,
    size: bytesOf(Object.values(tails).flatMap(({ messages = [] }) => messages)),
    layout: (old?.layout ?? 0) + 1,
    createdAt: new Date(session.createdAt),
    updatedAt: new Date(session.updatedAt),
    writtenAt: now,
    ttl,
    garbage: old && leavesGarbage(old, { tails, state, isSameLife: previous !== undefined }) ? true : undefined,
  });
}

/** What a deletion leaves behind. */
export function tombstoneOf(
  { id, life, deletedUntil }: Tombstone,
  { old, deletedBy }: { old: HeaderDocument; deletedBy: string },
): TombstoneDocument {
  const hasSegments = old.garbage === true || (isSession(old) && refersToSegments(old));
  const tombstone = defined<TombstoneDocument>({
    _id: id,
    deletedLife: life,
    deletedUntil: new Date(deletedUntil),
    deletedBy,
    layout: old.layout + 1,
    garbage: hasSegments ? true : undefined,
  });
  return purged(tombstone, new Date(deletedUntil));
}

/** For how long (ms) a document may stay as it is. So long that its purge need not move with each change. */
export function lifeOfDocument(ttl: number): number {
  return Math.min(2 * (ttl + PURGE_SLACK_MS), LONGEST_LIFE_MS);
}

/** The document with the time of its purge: by the database itself, or by a sweep where there are segments. */
export function purged<D extends HeaderDocument>(document: D, at: Date): D {
  const hasSegments = document.garbage === true || (isSession(document) && refersToSegments(document));
  const { purgeAt: _, sweepAt: __, ...rest } = document;
  return { ...rest, ...(hasSegments ? { sweepAt: at } : { purgeAt: at }) } as D;
}

export function refersToSegments({ tails, stateLayout }: Pick<SessionDocument, 'tails' | 'stateLayout'>): boolean {
  return stateLayout !== undefined || Object.values(tails ?? {}).some(({ from }) => from !== undefined);
}

function leavesGarbage(
  old: HeaderDocument,
  next: { tails: Record<string, Tail>; state: StoredState | undefined; isSameLife: boolean },
): boolean {
  if (old.garbage) return true;
  if (!isSession(old) || !refersToSegments(old)) return false;
  const stateLayout = next.state && 'layout' in next.state ? next.state.layout : undefined;
  const isCut = Object.entries(old.tails).some(([field, { from = 0 }]) => from > (next.tails[field]?.from ?? 0));
  return !next.isSameLife || isCut || old.stateLayout !== stateLayout;
}
