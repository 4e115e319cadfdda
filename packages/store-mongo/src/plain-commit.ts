import { REMEMBERED_CHANGES, type SessionChange } from '@sess/core/store';
import type { Document, Filter, UpdateFilter } from 'mongodb';
import type { DatabaseTime } from './database-time.ts';
import type { HeaderDocument } from './document.ts';
import { fieldOf } from './field-name.ts';
import { lifeOfDocument } from './header.ts';
import { STATE_BYTES, TAIL_BYTES } from './limits.ts';
import { bytesOf, type StoredState } from './text-write.ts';

/** One conditional update that is a whole commit: what it does not match, it was not meant for. */
export interface PlainCommit {
  readonly filter: Filter<HeaderDocument>;
  readonly update: UpdateFilter<HeaderDocument>;
}

/**
 * The update of a change that can be made without having read anything: one that appends to threads, where all else is
 * as its writer thinks. Undefined where it certainly cannot: a creation, a large one.
 */
export function plainCommit(
  sessionId: string,
  change: SessionChange<StoredState>,
  { ttl, time }: { ttl: number | undefined; time: DatabaseTime },
): PlainCommit | undefined {
  const { changeId, life, state, metadata } = change;
  const threads = Object.entries(change.threads ?? {});
  const added = bytesOf(threads.flatMap(([, { append }]) => append as unknown as string[]));
  const text = state?.value && 'text' in state.value ? state.value.text : undefined;
  const isLarge = added > TAIL_BYTES || (text !== undefined && bytesOf([text]) > STATE_BYTES);
  const isCut = threads.some(([, { base, keep }]) => base === null && keep > 0);
  if (life === null || life === changeId || isLarge || isCut) return undefined;

  const filter: Document = { _id: sessionId, life, recent: { $ne: changeId }, ...notExpiring(ttl, time) };
  const set: Document = {};
  const unset: Document = {};
  const increment: Document = { changes: 1 };
  const push: Document = { recent: { $each: [changeId], $slice: -REMEMBERED_CHANGES } };

  for (const [name, { base, keep, append, turn }] of threads) {
    const field = fieldOf(name);
    filter[`versions.${field}`] = base;
    if (base !== null) filter[`lengths.${field}`] = keep;
    set[`versions.${field}`] = changeId;
    increment[`lengths.${field}`] = append.length;
    if (append.length > 0) push[`tails.${field}.messages`] = { $each: append };
    if (turn) set[`turns.${field}`] = turn;
    if (turn === null) unset[`turns.${field}`] = '';
  }
  if (added > 0) increment.size = added;
  for (const [name, turnId] of Object.entries(change.holds ?? {})) {
    const field = fieldOf(name);
    filter[`turns.${field}.id`] = turnId;
    if (!Object.hasOwn(change.threads ?? {}, name)) increment[`turns.${field}.beat`] = 1;
  }
  if (state) {
    Object.assign(filter, { stateVersion: state.base, stateLayout: null });
    set.stateVersion = changeId;
    if (text === undefined) unset.state = '';
    else set.state = text;
  }
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (value === null) unset[`metadata.${fieldOf(key)}`] = '';
    else set[`metadata.${fieldOf(key)}`] = value;
  }
  const isContentChanged = state || metadata || threads.length > 0;
  const times = time.set('writtenAt', ...(isContentChanged ? ['updatedAt'] : []));
  const update: Document = { $inc: increment, $push: push, ...times };
  if ('$set' in times) Object.assign(set, times.$set);
  if (Object.keys(set).length > 0) update.$set = set;
  if (Object.keys(unset).length > 0) update.$unset = unset;
  return { filter, update };
}

/** It has not expired, and lives as long as this store has its sessions live, without its purge coming in between. */
function notExpiring(ttl: number | undefined, time: DatabaseTime): Document {
  if (ttl === undefined) return { ttl: null };
  const purgeAt = { $ifNull: ['$purgeAt', '$sweepAt'] };
  const isLong = (now: string) => ({ $gte: [purgeAt, { $add: [now, lifeOfDocument(ttl) / 2] }] });
  const isAlive = (now: string) => ({ $gt: [{ $add: ['$writtenAt', ttl] }, now] });
  return { ttl, ...time.condition((now) => ({ $and: [isAlive(now), isLong(now)] })) };
}
