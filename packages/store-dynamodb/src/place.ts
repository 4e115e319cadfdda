import { createHash } from 'node:crypto';

const TIME_DIGITS = 16;
/** Each is a partition of the index over all sessions, which takes about 1,000 writes a second. Never to be changed. */
export const SHARDS = 16;

/** Where a session stands in a listing: newest first, those of the same time by id. */
export function placeOf(time: number, sessionId: string): string {
  return `${String(Number.MAX_SAFE_INTEGER - time).padStart(TIME_DIGITS, '0')} ${sessionId}`;
}

/** Whether a text is a place, and short enough for an index. */
export function isPlace(text: string): boolean {
  return /^\d{16} ./s.test(text) && Buffer.byteLength(text) <= TIME_DIGITS + 1 + 512;
}

/** As DynamoDB sorts: by the bytes in UTF-8. */
export function comparePlaces(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** The partitions of the index over all sessions. */
export function allPartitions(prefix: string): string[] {
  return Array.from({ length: SHARDS }, (_, shard) => partitionOf(prefix, shard));
}

/** The partition that a session belongs to. */
export function partitionFor(prefix: string, sessionId: string): string {
  return partitionOf(prefix, (createHash('sha256').update(sessionId).digest()[0] ?? 0) % SHARDS);
}

/** The partition of what a sweep has to look at. */
export function sweepPartition(prefix: string): string {
  return `${prefix}/sweep`;
}

/** Where something stands that a sweep may take from `time` on. */
export function sweepPlace(time: number): string {
  return String(Math.ceil(time)).padStart(TIME_DIGITS, '0');
}

function partitionOf(prefix: string, shard: number): string {
  return `${prefix}/${String(shard).padStart(2, '0')}`;
}
