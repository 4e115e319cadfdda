import type { SessionWrite } from '@sess/core/store';

/** Of text in one row, in UTF-8: below the 400 KB that an item may have. */
const ROW_BYTES = 380_000;

/** A value as the texts of its rows. */
export type Texts = readonly string[];

/** What a write brings, as text, whatever the session is that it meets. */
export interface WriteContent {
  /** Per thread: from which index on, and the messages. */
  readonly threads: Readonly<Record<string, { readonly from: number; readonly messages: readonly Texts[] }>>;
  /** `texts` undefined: the state is cleared. Absent: the state is not written. */
  readonly state?: { readonly texts: Texts | undefined };
  readonly rows: number;
  readonly bytes: number;
}

export function contentOf(write: SessionWrite): WriteContent {
  if (write.kind === 'delete') return measured({}, undefined);
  if (write.kind === 'save') {
    const { threads, state } = write.data;
    const from = Object.entries(threads).map(([name, append]) => [name, 0, append] as const);
    return measured(inRows(from), state === undefined ? undefined : { value: state });
  }
  const { threads = {}, state } = write.change;
  const from = Object.entries(threads).map(([name, { keep, append }]) => [name, keep, append] as const);
  return measured(inRows(from), state);
}

function inRows(threads: readonly (readonly [string, number, readonly unknown[]])[]): WriteContent['threads'] {
  return Object.fromEntries(
    threads.map(([name, from, append]) => [
      name,
      { from, messages: append.map((message) => split(JSON.stringify(message))) },
    ]),
  );
}

function measured(threads: WriteContent['threads'], state: { value?: unknown } | undefined): WriteContent {
  const texts = state && (state.value === undefined ? undefined : split(JSON.stringify(state.value)));
  const all = [...Object.values(threads).flatMap(({ messages }) => messages.flat()), ...(texts ?? [])];
  return {
    threads,
    ...(state && { state: { texts } }),
    rows: all.length,
    bytes: all.reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  };
}

/** The text in pieces that fit into a row each, cut between characters. */
function split(text: string): Texts {
  if (text.length * 3 <= ROW_BYTES) return [text];
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < bytes.length; ) {
    let end = Math.min(start + ROW_BYTES, bytes.length);
    while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
    pieces.push(bytes.toString('utf8', start, end));
    start = end;
  }
  return pieces;
}
