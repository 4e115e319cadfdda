import {
  type MessageData,
  SessError,
  type SessionChange,
  type SessionWrite,
  type ThreadChange,
} from '@sess/core/store';
import { MAX_METADATA_BYTES, MAX_VALUE_BYTES } from './limits.ts';

/** A state as it is kept: as text, or in the segment of a layout. */
export type StoredState = { readonly text: string } | { readonly layout: number };

/** A message that is JSON text. It is given to `applyWrite` in the place of a message, which that never looks into. */
export type MessageText = MessageData & string;

/** The write with JSON text for messages, state, and values of metadata. Throws TOO_LARGE for what has no room. */
export function toTextWrite(write: SessionWrite): SessionWrite<StoredState> {
  if (write.kind === 'delete') return write;
  if (write.kind === 'commit') return { kind: 'commit', change: toTextChange(write.change) };
  const { state, threads, metadata } = write.data;
  return {
    kind: 'save',
    changeId: write.changeId,
    data: {
      ...(state !== undefined && { state: stateText(state) }),
      threads: mapValues(threads, messageTexts),
      ...(metadata && { metadata: metadataTexts(metadata) }),
    },
  };
}

function toTextChange({ state, threads, metadata, ...rest }: SessionChange): SessionChange<StoredState> {
  return {
    ...rest,
    ...(state && { state: { ...state, value: state.value === undefined ? undefined : stateText(state.value) } }),
    ...(threads && {
      threads: mapValues(threads, (change): ThreadChange => ({ ...change, append: messageTexts(change.append) })),
    }),
    ...(metadata && { metadata: metadataTexts(metadata) }),
  };
}

/** How many bytes text takes in the database. */
export function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

function stateText(state: unknown): StoredState {
  const text = JSON.stringify(state);
  checkBytes('The state', bytesOf([text]), MAX_VALUE_BYTES);
  return { text };
}

function messageTexts(messages: readonly MessageData[]): MessageText[] {
  return messages.map((message) => JSON.stringify(message) as MessageText);
}

/** null stays: it removes a key. */
function metadataTexts(metadata: Readonly<Record<string, unknown>>): Record<string, string | null> {
  const texts = mapValues(metadata, (value) => (value === null ? null : JSON.stringify(value)));
  checkBytes('The metadata', bytesOf(Object.values(texts).map(String)), MAX_METADATA_BYTES);
  return texts;
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function checkBytes(what: string, bytes: number, limit: number): void {
  if (bytes > limit) throw new SessError('TOO_LARGE', `${what} has ${bytes} bytes; the store takes ${limit}.`);
}
