import { defined, type LiveSession, own, type SavedData } from './store/index.ts';
import { mapRecord, unlessEmpty } from './store/record.ts';

/** What a session is besides its content, where the store itself keeps only content. */
export interface Bookkeeping
  extends Pick<
    LiveSession,
    'life' | 'versions' | 'openTurns' | 'changes' | 'createdAt' | 'updatedAt' | 'owner' | 'metadata' | 'recent'
  > {
  /** Of the content that this was written with. A part that has another digest now was changed by somebody else. */
  readonly digests: Digests;
}

/** Digests of each part of a session's content, and of all of it. */
export interface Digests {
  readonly content: string;
  readonly state: string;
  readonly threads: Readonly<Record<string, string>>;
}

/** The bookkeeping to be kept with a session's content. */
export function bookkeepingOf(session: LiveSession, digests: Digests): Bookkeeping {
  const { life, versions, openTurns, changes, createdAt, updatedAt, owner, metadata, recent } = session;
  return defined<Bookkeeping>({
    life,
    versions,
    openTurns,
    changes,
    createdAt,
    updatedAt,
    owner,
    metadata,
    recent,
    digests,
  });
}

/**
 * The session of this content, and of the bookkeeping that was written with it. A part that somebody else has changed
 * since has a digest as its version, and no open turn. Without any bookkeeping every part has, the session's life is a
 * digest too, and its times are 0.
 */
export function recallSession<S>(
  id: string,
  content: SavedData<S>,
  digests: Digests,
  newestFirst: readonly Bookkeeping[],
): LiveSession<S> {
  const written = newestFirst.find((one) => one.digests.content === digests.content) ?? newestFirst[0];
  const { digests: old, versions, openTurns, ...known } = { ...structuredClone(written) };
  const isUnchanged = (thread: string) => own(old?.threads, thread) === own(digests.threads, thread);
  return defined<LiveSession<S>>({
    life: digests.content,
    changes: 0,
    createdAt: 0,
    updatedAt: 0,
    recent: [],
    ...known,
    id,
    state: content.state,
    threads: content.threads,
    lengths: mapRecord(content.threads, (messages) => messages.length),
    versions: {
      state:
        versions && old?.state === digests.state ? versions.state : content.state === undefined ? null : digests.state,
      threads: mapRecord(
        digests.threads,
        (digest, thread) => (isUnchanged(thread) && own(versions?.threads, thread)) || digest,
      ),
    },
    openTurns: unlessEmpty(mapRecord(openTurns, (turn, thread) => (isUnchanged(thread) ? turn : undefined))),
  });
}

/** The digests of a session's content. */
export async function digestsOf({ state, threads = {} }: Partial<SavedData>): Promise<Digests> {
  const names = Object.keys(threads);
  const digests = await Promise.all(names.map((name) => digestOf(threads[name])));
  const parts = {
    state: await digestOf(state),
    threads: Object.fromEntries(names.map((name, index) => [name, digests[index] as string])),
  };
  return { ...parts, content: await digestOf(parts) };
}

/** A database may answer properties in another order, and null for what is absent: the digest is the same. */
async function digestOf(value: unknown): Promise<string> {
  const json = JSON.stringify(value ?? null, (_, item) =>
    item === null || typeof item !== 'object' || Array.isArray(item)
      ? item
      : Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))),
  );
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(json)));
  return Array.from(bytes.slice(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
