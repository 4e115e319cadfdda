import type { Collection, CollectionOptions, Db } from 'mongodb';
import type { HeaderDocument, SegmentDocument } from './document.ts';

/** What the store keeps its documents in. */
export interface Collections {
  readonly sessions: Collection<HeaderDocument>;
  readonly segments: Collection<SegmentDocument>;
}

/** Set here, whatever the client is set to: what was acknowledged or read must last. */
const options: CollectionOptions = {
  readPreference: 'primary',
  readConcern: { level: 'majority' },
  writeConcern: { w: 'majority', journal: true },
  ignoreUndefined: false,
  promoteLongs: true,
  promoteValues: true,
  promoteBuffers: false,
  useBigInt64: false,
  raw: false,
};

export function collectionsOf(database: Db, prefix: string): Collections {
  return {
    sessions: database.collection(`${prefix}sessions`, options),
    segments: database.collection(`${prefix}segments`, options),
  };
}

/** Creates the indexes where they are missing. */
export async function createIndexes({ sessions, segments }: Collections): Promise<void> {
  const ofSessions = sessions.createIndexes([
    { key: { updatedAt: -1, _id: 1 } },
    { key: { createdAt: -1, _id: 1 } },
    { key: { owner: 1, updatedAt: -1, _id: 1 } },
    { key: { owner: 1, createdAt: -1, _id: 1 } },
    { key: { purgeAt: 1 }, expireAfterSeconds: 0 },
    { key: { sweepAt: 1 }, sparse: true },
    { key: { garbage: 1 }, sparse: true },
  ]);
  const ofSegments = segments.createIndexes([
    { key: { session: 1, life: 1, thread: 1, to: 1 } },
    { key: { unchecked: 1 }, sparse: true },
  ]);
  await Promise.all([ofSessions, ofSegments]);
}
