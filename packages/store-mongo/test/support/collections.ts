import type { Collection, Document } from 'mongodb';
import { openClient } from './open-store.ts';

/** A document whose `_id` is text, whatever else it holds. */
export type AnyDocument = Document & { _id: string };

/** The store's collections, as someone sees them who looks from outside. */
export function collectionsOf(prefix: string): {
  sessions: Collection<AnyDocument>;
  segments: Collection<AnyDocument>;
} {
  const database = openClient().db('tests');
  return { sessions: database.collection(`${prefix}sessions`), segments: database.collection(`${prefix}segments`) };
}
