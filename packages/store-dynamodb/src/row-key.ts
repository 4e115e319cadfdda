import { randomBytes } from 'node:crypto';

/** Enough for a hundred million messages in a thread, and changes of a session. */
const DIGITS = 8;

/** A name for a run, a staged change or a revision. Long enough never to come again in a session. */
export function newToken(): string {
  return randomBytes(9).toString('base64url');
}

/**
 * Tells the rows of one change from those of the others. Later ones sort behind: a change that is staged bears the
 * number that it would have had, and a tag, since others may come before it (then, for another thread only).
 */
export function orderOf(change: number, tag?: string): string {
  return tag === undefined ? pad(change) : `${pad(change)}~${tag}`;
}

export function messageKey(run: string, thread: number, index: number, order: string, part: number): string {
  return `${threadPrefix(run, thread)}${pad(index)}/${order}/${part}`;
}

/** Between which sort keys the messages from `start` to before `end` are. */
export function messageRange(run: string, thread: number, start: number, end: number): { from: string; to: string } {
  return { from: `${threadPrefix(run, thread)}${pad(start)}`, to: `${threadPrefix(run, thread)}${pad(end)}` };
}

export function stateKey(run: string, place: string, part: number | ''): string {
  return `${run}/s/${place}/${part}`;
}

/** The record of a staged change. */
export function recordKey(run: string, tag: string): string {
  return `${run}/x/${tag}`;
}

/** All rows of a run. */
export function runPrefix(run: string): string {
  return `${run}/`;
}

export type RowKey =
  | {
      kind: 'message';
      thread: number;
      index: number;
      order: string;
      change: number;
      tag: string | undefined;
      part: number;
    }
  | { kind: 'state'; place: string; part: number }
  | { kind: 'record'; tag: string };

export function parseRowKey(sk: string): RowKey {
  const [, kind = '', ...rest] = sk.split('/');
  if (kind === 'x') return { kind: 'record', tag: rest[0] ?? '' };
  if (kind === 's') return { kind: 'state', place: rest[0] ?? '', part: Number(rest[1]) };
  const [thread, index, order = '', part] = rest;
  const [change, tag] = order.split('~');
  return {
    kind: 'message',
    thread: Number(thread),
    index: Number(index),
    order,
    change: Number(change),
    tag,
    part: Number(part),
  };
}

function threadPrefix(run: string, thread: number): string {
  return `${run}/m/${thread}/`;
}

function pad(number: number): string {
  return String(number).padStart(DIGITS, '0');
}
