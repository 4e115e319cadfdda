import type { Collections } from './collections.ts';
import type { SegmentDocument } from './document.ts';

/** Removes older layouts first: a reader who misses a segment must not find in its place what that had replaced. */
export async function removeSegments(
  segments: Collections['segments'],
  useless: readonly Pick<SegmentDocument, '_id' | 'layout'>[],
): Promise<void> {
  if (useless.length === 0) return;
  const oldestFirst = [...useless].sort((a, b) => a.layout - b.layout);
  await segments.bulkWrite(
    oldestFirst.map(({ _id }) => ({ deleteOne: { filter: { _id } } })),
    { ordered: true },
  );
}
