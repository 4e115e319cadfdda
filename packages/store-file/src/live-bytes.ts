import { own, type SessionWrite } from '@sess/core/store';
import type { LineRef, MessageRef, StoredRefs } from './journal-line.ts';

/**
 * About how many bytes of a file hold what a session consists of now; the rest is dead. Estimated, because a thread
 * may be cut at a message whose line nobody has read.
 */
export interface LiveBytes {
  readonly state: number;
  readonly threads: Readonly<Record<string, number>>;
}

export const NO_BYTES: LiveBytes = { state: 0, threads: {} };

export function totalOf({ state, threads }: LiveBytes): number {
  return Object.values(threads).reduce((sum, bytes) => sum + bytes, state);
}

/**
 * The estimate after `write` turned `before` into `after`.
 *
 * @param stateBytes What the write's state takes, 0 where it has none.
 * @param shared How much of that is in the line that also holds the messages.
 */
export function estimate(
  live: LiveBytes,
  before: StoredRefs | undefined,
  after: StoredRefs | undefined,
  write: SessionWrite<LineRef>,
  { stateBytes, shared }: { stateBytes: number; shared: number },
): LiveBytes {
  if (after === undefined || 'deletedUntil' in after || write.kind === 'delete') return NO_BYTES;
  const bytesOf = (messages: unknown) => Math.max(0, bytesOfLines(messages as readonly MessageRef[]) - shared);
  if (write.kind === 'save') return { state: stateBytes, threads: mapValues(write.data.threads, bytesOf) };

  const old = before !== undefined && 'lengths' in before && before.life === after.life ? before : undefined;
  const kept = old === undefined ? NO_BYTES : live;
  const touched = mapValues(write.change.threads ?? {}, ({ keep, append }, thread) => {
    const share = keep === 0 ? 0 : keep / (own(old?.lengths, thread) ?? keep);
    return Math.round((own(kept.threads, thread) ?? 0) * share) + bytesOf(append);
  });
  return { state: write.change.state ? stateBytes : kept.state, threads: { ...kept.threads, ...touched } };
}

function bytesOfLines(messages: readonly MessageRef[]): number {
  const lines = new Map(messages.map(({ line }) => [line.at, line.bytes]));
  return [...lines.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
