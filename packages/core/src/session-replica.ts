import { delay } from './delay.ts';
import { isSameVersion, type KnownSession, knowFromCommit, knowFromRead } from './known-session.ts';
import {
  defined,
  type FullSessionStore,
  type MessageData,
  own,
  SessError,
  type SessionChange,
  type SessionRead,
  type SessionRecord,
} from './store/index.ts';
import { goneError } from './turn-error.ts';

/** What the first commit of a session adds to it. */
export interface SessionCreation<S> {
  state?: S | undefined;
  owner?: string | undefined;
  metadata?: Record<string, unknown> | undefined;
}

/** The parts of a change; the rest is the replica's business. */
export type ChangeParts<S> = Pick<SessionChange<S>, 'state' | 'threads' | 'metadata' | 'holds'>;

/** A thread that must be known before a change is built, with at least its newest `window` messages. */
export interface ThreadNeed {
  thread: string;
  window?: number | undefined;
  /** Where the window ends. Default: at the end. */
  keep?: number | undefined;
}

/**
 * What is known of whether a session is stored. `new`: nobody else can have created it. `absent`: a read has found
 * nothing. `unread`: it may be there or not. `uncertain`: the same, after its creation has failed. `stored`: it was.
 */
export type SessionOrigin = 'new' | 'absent' | 'unread' | 'uncertain' | 'stored';

/** With this many conflicts, or reads in vain, in a row, something else than other writers is wrong. */
const MAX_ATTEMPTS = 100;

/**
 * This process's copy of one stored session, and the only place that reads and writes it. Reads and commits go one at
 * a time, so that what is known only moves forward.
 */
// biome-ignore lint/suspicious/noExplicitAny: as SessionData.
export class SessionReplica<S = any> {
  readonly id: string;
  readonly store: FullSessionStore<S>;
  readonly creation: SessionCreation<S>;
  /** Undefined before the first read or commit. */
  known: KnownSession<S> | undefined;
  #origin: SessionOrigin;
  #isStale = false;
  #last: Promise<unknown> = Promise.resolve();
  readonly #shown = new Map<string, { messages: readonly MessageData[]; offset: number }>();
  readonly #foreignWrites = new Map<string, number>();
  readonly #check: (record: KnownSession<S>) => KnownSession<S>;

  /** @param check Throws where what was read must not be used; may fill in the state's defaults. */
  constructor(
    id: string,
    store: FullSessionStore<S>,
    origin: SessionOrigin,
    creation: SessionCreation<S>,
    check: (record: KnownSession<S>) => KnownSession<S>,
  ) {
    this.id = id;
    this.store = store;
    this.#origin = origin;
    this.creation = creation;
    this.#check = check;
  }

  /** Whether the session's content can be told without a read. */
  get isLoaded(): boolean {
    return this.known !== undefined || this.#isAbsent || this.#origin === 'uncertain';
  }

  /** Deletes the session; false where there was none. */
  delete(): Promise<boolean> {
    return this.#inOrder(async () => {
      try {
        if ((await this.#read({ last: 0 })) === undefined) return false;
      } catch (error) {
        if (SessError.is(error, 'NOT_FOUND')) return false;
        throw error;
      }
      this.#isStale = true;
      return this.store.delete(this.id);
    });
  }

  /** Reads a part of the session past what is known of it, for a caller to keep. Undefined where nothing is stored. */
  read(read: SessionRead): Promise<SessionRecord<S> | undefined> {
    return this.#inOrder(async () => {
      const record = await this.#fetch(read);
      if (record === undefined) return undefined;
      const { threads: _, ...rest } = record; // what is known is frozen; the messages are the caller's
      this.#check(knowFromRead<S>(rest));
      return record;
    });
  }

  /** Reads what is not known yet. */
  load(need?: ThreadNeed): Promise<KnownSession<S> | undefined> {
    return this.#inOrder(() => this.#sync(need));
  }

  /** Reads the session anew; `read` says how much of it. */
  refresh(read: SessionRead): Promise<KnownSession<S> | undefined> {
    return this.#inOrder(() => this.#read(read));
  }

  /**
   * Commits what `build` makes of what is known. After a conflict it is built again, on what is known then, unless a
   * turn that it holds is lost. Nothing is committed where `build` returns undefined.
   */
  commit(
    build: (known: KnownSession<S> | undefined) => ChangeParts<S> | undefined,
    need?: ThreadNeed,
  ): Promise<KnownSession<S> | undefined> {
    return this.#inOrder(async () => {
      for (let attempt = 1; ; attempt += 1) {
        const known = await this.#sync(need);
        const parts = build(known);
        if (parts === undefined) return known;
        try {
          return await this.#commitOnce(known, parts);
        } catch (error) {
          if (!this.#mayBuildAgain(error) || attempt === MAX_ATTEMPTS) throw error;
          await delay(Math.random() * Math.min(100, 2 ** attempt));
          const current = await this.#sync(need);
          if (!holdsStill(current, parts.holds)) throw error;
        }
      }
    });
  }

  /** The messages of a thread as they were last known, from as far back as a window needs. Undefined: not loaded. */
  shownMessages({ thread, window }: ThreadNeed): readonly MessageData[] | undefined {
    if (this.#isKnown({ thread, window })) return own(this.known?.threads, thread) ?? [];
    const { messages, offset } = this.#shown.get(thread) ?? {};
    return offset === 0 || (messages && window !== undefined && messages.length >= window) ? messages : undefined;
  }

  /** How often a read has found that somebody else wrote to the thread. */
  foreignWrites(thread: string): number {
    return this.#foreignWrites.get(thread) ?? 0;
  }

  async #sync(need?: ThreadNeed): Promise<KnownSession<S> | undefined> {
    if (this.#isAbsent) return undefined;
    if (!this.#isStale && this.known !== undefined && (need === undefined || this.#isKnown(need))) return this.known;
    if (need === undefined) return this.#read({ last: 0 });
    for (let attempt = 1; ; attempt += 1) {
      const known = await this.#read(this.#readOf(need)); // once more where only now the length is known
      if (known === undefined || this.#isKnown(need) || attempt === MAX_ATTEMPTS) return known;
    }
  }

  #readOf(need: ThreadNeed): SessionRead {
    const length = own(this.known?.lengths, need.thread) ?? 0;
    const last = need.window && Math.max(need.window, length - this.#firstOf(need));
    return defined<SessionRead>({ threads: [need.thread], last });
  }

  async #read(read: SessionRead): Promise<KnownSession<S> | undefined> {
    const before = this.known;
    const record = await this.#fetch(read);
    if (record === undefined) return undefined;
    const known = this.#check(knowFromRead(record, before));
    for (const thread of Object.keys({ ...before?.lengths, ...known.lengths })) {
      if (before !== undefined && !isSameVersion(before, known, thread)) {
        this.#foreignWrites.set(thread, this.foreignWrites(thread) + 1);
      }
    }
    this.#know(known);
    return known;
  }

  /** What the store has of the session: the very one that is known, if one is. */
  async #fetch(read: SessionRead): Promise<SessionRecord<S> | undefined> {
    if (this.#origin === 'new') return undefined;
    const record = await this.store.get(this.id, read);
    const before = this.known;
    if (record === undefined) {
      if (this.known === undefined && this.#origin !== 'stored') {
        this.#origin = 'absent';
        return undefined;
      }
      throw goneError(this.id);
    }
    if (before !== undefined && before.life !== record.life) {
      throw new SessError(
        'CONFLICT',
        `Session ${JSON.stringify(this.id)} was deleted and created again. Load it anew.`,
        { sessionId: this.id, parts: { life: { version: record.life } } },
      );
    }
    return record;
  }

  async #commitOnce(known: KnownSession<S> | undefined, parts: ChangeParts<S>): Promise<KnownSession<S>> {
    const change: SessionChange<S> = {
      changeId: crypto.randomUUID(),
      ...(known === undefined ? this.#creationParts(parts) : { life: known.life, seen: known.changes, ...parts }),
    };
    try {
      const { expiresAt } = await this.store.commit(this.id, change);
      const after = knowFromCommit(this.id, known, change, expiresAt);
      const committed = change.state === undefined ? after : this.#check(after);
      this.#know(committed);
      return committed;
    } catch (error) {
      this.#isStale = true; // it may have been applied all the same
      const isTaken = this.#origin === 'new' && SessError.is(error, 'ALREADY_EXISTS');
      if (this.#isAbsent && !isTaken) this.#origin = 'uncertain';
      throw error;
    }
  }

  #creationParts(parts: ChangeParts<S>): Omit<SessionChange<S>, 'changeId'> {
    const { state, owner, metadata } = this.creation;
    return defined<Omit<SessionChange<S>, 'changeId'>>({
      life: null,
      ...parts,
      state: parts.state ?? (state === undefined ? undefined : { base: null, value: state }),
      metadata: parts.metadata || metadata ? { ...metadata, ...parts.metadata } : undefined,
      owner,
    });
  }

  #know(known: KnownSession<S>): void {
    this.known = known;
    this.#origin = 'stored';
    this.#isStale = false;
    for (const [thread, messages] of Object.entries(known.threads ?? {})) {
      const isUnread = messages.length === 0 && own(known.lengths, thread) !== 0;
      if (!isUnread) this.#shown.set(thread, { messages, offset: own(known.partial.offsets, thread) ?? 0 });
    }
  }

  get #isAbsent(): boolean {
    return this.#origin === 'new' || this.#origin === 'absent';
  }

  #isKnown(need: ThreadNeed): boolean {
    return this.isLoaded && (own(this.known?.partial.offsets, need.thread) ?? 0) <= this.#firstOf(need);
  }

  /** The index of the first message that must be known. Answers of tools alone tell nothing without their requests. */
  #firstOf({ thread, window, keep }: ThreadNeed): number {
    if (window === undefined) return 0;
    const length = own(this.known?.lengths, thread) ?? 0;
    const end = keep === undefined ? length : Math.max(0, Math.min(length, keep)) || 0; // it may be no number
    const offset = own(this.known?.partial.offsets, thread) ?? 0;
    const known = (own(this.known?.threads, thread) ?? []).slice(0, Math.max(0, end - offset));
    const isCut = known.length > 0 && known.every(({ role }) => role === 'tool');
    return Math.max(0, Math.min(end - window, isCut ? offset - known.length : end));
  }

  #mayBuildAgain(error: unknown): boolean {
    if (!SessError.is(error)) return false;
    if (error.code === 'ALREADY_EXISTS') return this.#origin === 'uncertain';
    return error.code === 'CONFLICT' && error.outcome === undefined && error.parts?.life === undefined;
  }

  #inOrder<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.#last.then(operation);
    this.#last = result.catch(() => {});
    return result;
  }
}

function holdsStill(known: KnownSession | undefined, holds: Record<string, string> = {}): boolean {
  return Object.entries(holds).every(([thread, turn]) => own(known?.openTurns, thread)?.id === turn);
}
