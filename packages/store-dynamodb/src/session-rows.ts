import type { MessageData } from '@sess/core/store';
import type { LiveHeader } from './header.ts';
import type { Item } from './request-failure.ts';
import { parseRowKey } from './row-key.ts';

/** One version of a message: its texts by part. */
interface Version {
  readonly change: number;
  readonly tag: string | undefined;
  readonly parts: number;
  readonly texts: Map<number, string>;
}

/**
 * The rows of a session, put together as its header has them: the live version of a message is the newest one that is
 * not newer than the header. Rows have to be added backwards, newest version first.
 */
export class SessionRows {
  readonly #header: LiveHeader;
  readonly #isSame: boolean;
  readonly #versions = new Map<string, Map<string, Version>>();
  readonly #state = new Map<number, string>();
  /** Per staged change that there is a record of: its number, or undefined while it does not count. */
  readonly #staged = new Map<string, number | undefined>();
  readonly #tags = new Set<string>();

  /** @param isSame Whether the header was the same at an earlier try: what has no record then never counted. */
  constructor(header: LiveHeader, isSame: boolean) {
    this.#header = header;
    this.#isSame = isSame;
  }

  add(item: Item): void {
    const key = parseRowKey(item.sk?.S ?? '');
    const text = item.json?.S ?? '';
    if (key.kind === 'record') {
      this.#staged.set(key.tag, item.change && Number(item.change.N));
    } else if (key.kind === 'state') {
      const { versions } = this.#header.session;
      const isPresent = key.place === this.#header.state?.place && item.version?.S === versions.state;
      if (isPresent) this.#state.set(key.part, text);
    } else {
      const place = `${key.thread}/${key.index}`;
      const versions = getOrAdd(this.#versions, place, () => new Map<string, Version>());
      const parts = Number(item.parts?.N ?? 1);
      const version = getOrAdd(versions, key.order, () => ({
        change: key.change,
        tag: key.tag,
        parts,
        texts: new Map(),
      }));
      version.texts.set(key.part, text);
      if (key.tag !== undefined) this.#tags.add(key.tag);
    }
  }

  /** Staged changes whose record is still to be added. */
  unknownTags(): string[] {
    return [...this.#tags].filter((tag) => !this.#staged.has(tag));
  }

  /** The state, as a property or none; undefined: something of it is missing, or damaged. */
  state(): { state?: unknown } | undefined {
    const rows = this.#header.state?.rows ?? 0;
    if (rows === 0) return {};
    const state = parsed(joined(this.#state, rows));
    return state && { state: state.value };
  }

  /** undefined: something is missing, or damaged. */
  messages(thread: number, start: number, end: number): MessageData[] | undefined {
    const messages: MessageData[] = [];
    for (let index = start; index < end; index++) {
      const message = parsed(this.#live(this.#versions.get(`${thread}/${index}`)));
      if (message === undefined) return undefined;
      messages.push(message.value as MessageData);
    }
    return messages;
  }

  #live(versions: Map<string, Version> | undefined): string | undefined {
    for (const { change, tag, parts, texts } of versions?.values() ?? []) {
      if (tag !== undefined && !this.#staged.has(tag) && !this.#isSame) return undefined;
      const landed = tag === undefined ? change : (this.#staged.get(tag) ?? Number.POSITIVE_INFINITY);
      if (landed <= this.#header.session.changes) return joined(texts, parts);
    }
    return undefined;
  }
}

/** undefined: it is missing, or damaged. */
function parsed(text: string | undefined): { value: unknown } | undefined {
  if (text === undefined) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function joined(texts: ReadonlyMap<number, string>, count: number): string | undefined {
  if (texts.size !== count) return undefined;
  return Array.from({ length: count }, (_, part) => texts.get(part) ?? '').join('');
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
