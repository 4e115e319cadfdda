import { TOMBSTONE_MS } from '@sess/core/store';
import type { Document } from 'mongodb';
import type { Collections } from './collections.ts';
import { isDuplicate } from './mongo-error.ts';

/**
 * Writes a document of a raised layout where a session has none. A creation that has written segments and is about to
 * refer to them then fails, and begins anew.
 */
export async function keepPlace({ sessions }: Collections, sessionId: string): Promise<void> {
  const until = { $add: ['$$NOW', TOMBSTONE_MS] };
  const place: Document = {
    $mergeObjects: [{ $literal: { _id: sessionId, layout: 1 } }, { deletedUntil: until, purgeAt: until }],
  };
  try {
    await sessions.updateOne({ _id: sessionId, layout: { $lt: 0 } }, [{ $replaceWith: place }], { upsert: true });
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}
