import type { SegmentDocument } from './document.ts';

/** A segment of which the messages that were not asked for may have been cut off. */
export type ReadSegment = Pick<SegmentDocument, 'layout' | 'from' | 'to' | 'below' | 'messages'>;

/**
 * The messages of a thread from `start` to before `end`, where for each index the segment of the highest layout counts.
 * Others are left over: from attempts to write that failed, or from messages that were cut off the thread. Undefined
 * where segments are missing: an index that none has, or a chain that does not hold.
 *
 * @param top The layout of the segment that has the last of the messages, where that is known.
 */
export function joinSegments(
  segments: readonly ReadSegment[],
  { start, end, top }: { start: number; end: number; top: number | undefined },
): string[] | undefined {
  const messages: string[] = [];
  const owners: ReadSegment[] = [];
  for (const segment of [...segments].sort((a, b) => a.layout - b.layout || a.from - b.from)) {
    const first = Math.max(segment.from, start);
    (segment.messages ?? []).forEach((message, index) => {
      const place = first + index - start;
      if (place >= end - start) return;
      messages[place] = message;
      owners[place] = segment;
    });
  }
  for (let place = 0; place < end - start; place += 1) {
    const owner = owners[place];
    if (owner === undefined) return undefined;
    const below = owners[place - 1];
    const isFirst = owner.from === start + place;
    if (isFirst && below && owner.below !== undefined && owner.below !== below.layout) return undefined;
  }
  return top === undefined || owners[end - start - 1]?.layout === top ? messages : undefined;
}
