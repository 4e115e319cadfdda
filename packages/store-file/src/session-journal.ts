import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  applyWrite,
  isLive,
  isSweepable,
  SessError,
  type SessionRead,
  type SessionRecord,
  type SessionWrite,
  type Tombstone,
  type WriteResult,
} from '@sess/core/store';
import { checkpointLine, isCheckpointDue } from './checkpoint.ts';
import { hasRoom, headerLine, isWorthwhile, seal, succeed } from './compaction.ts';
import { codeOf, corrupt, fileError, isRefusal } from './file-error.ts';
import { folderName, newJournalName } from './file-name.ts';
import { Journal } from './journal.ts';
import type { StoredRefs } from './journal-line.ts';
import { type EncodedLine, encode } from './line.ts';
import { LineBuffer } from './line-buffer.ts';
import { type LineOutcome, Replay } from './replay.ts';
import { SessionFolder } from './session-folder.ts';
import { encodeWrite } from './write-line.ts';

/** How often one call starts again because other processes replaced or removed the file meanwhile. */
const ATTEMPTS = 100;

export interface JournalSettings {
  readonly root: string;
  /** Whether a write is made durable before it is acknowledged. */
  readonly sync: boolean;
  /** In ms. */
  readonly ttl: number | undefined;
  /** In ms since the epoch. */
  now(): number;
}

interface Pending {
  readonly write: SessionWrite;
  resolve(result: WriteResult): void;
  reject(error: unknown): void;
}

/** A pending write that its conditions allow so far, and when. */
type Ready = Pending & { readonly now: number };

/** One session as one process sees it: its journal through all generations. Does one thing at a time. */
export class SessionJournal {
  readonly #settings: JournalSettings;
  readonly #folder: SessionFolder;
  readonly #name: string;
  readonly #expected: string | undefined;
  #open: { journal: Journal; fileName: string; isNameSafe?: boolean } | undefined;
  #pending: Pending[] = [];
  #last: Promise<unknown> = Promise.resolve();

  /**
   * @param name The session's folder.
   * @param sessionId Undefined where only the journal knows it.
   */
  constructor(settings: JournalSettings, name: string, sessionId?: string) {
    this.#settings = settings;
    this.#folder = new SessionFolder(settings.root, name);
    this.#name = name;
    this.#expected = sessionId;
  }

  /** The session with what `read` asks for. Undefined also where it has expired. */
  read(read: SessionRead): Promise<SessionRecord | Tombstone | undefined> {
    return this.#exclusively(async () => {
      const journal = await this.#current(false);
      const stored = journal?.replay.stored;
      if (journal === undefined || stored === undefined || 'deletedUntil' in stored) return stored;
      return isLive(stored, this.#settings.now()) ? journal.load(stored, read) : undefined;
    });
  }

  /** What is known of the session without its messages and state. */
  describe(): Promise<StoredRefs | undefined> {
    return this.#exclusively(async () => (await this.#current(false))?.replay.stored);
  }

  /** Writes. What is asked for while another write is under way goes to disk together. */
  write(write: SessionWrite): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ write, resolve, reject });
      this.#exclusively(() => this.#writePending()).catch(() => {}); // each write has been told
    });
  }

  /** Removes the session if it has expired or was deleted an hour ago. Resolves whether this call did it. */
  sweep(): Promise<boolean> {
    return this.#exclusively(async () => {
      const now = this.#settings.now();
      if (!isOver(await this.#current(false), now)) return false;
      const journal = await this.#current(true);
      if (!isOver(journal, now)) return false;
      // Whoever writes behind this line sees that it ends the file, and begins a new one.
      const line = encode({ gone: randomUUID(), now, ...journal.replay.witness });
      const { outcomes, failure } = await this.#append(journal, [line]);
      if (failure !== undefined) throw this.#error(failure);
      const [outcome] = outcomes;
      await this.#current(true); // removes it
      return outcome !== undefined && 'result' in outcome && outcome.result.existed;
    });
  }

  /** Closes the file, after what is under way. */
  close(): Promise<void> {
    return this.#exclusively(() => this.#drop());
  }

  #exclusively<T>(operation: () => Promise<T>): Promise<T> {
    const run = this.#last.then(operation);
    this.#last = run.catch(() => {});
    return run;
  }

  async #writePending(): Promise<void> {
    let pending = this.#pending.splice(0);
    try {
      for (let attempt = 0; pending.length > 0; attempt++) {
        if (attempt === ATTEMPTS) throw this.#unsettled();
        // What was read last will mostly do: whether the conditions hold is decided where the line stands.
        let journal = attempt === 0 ? this.#open?.journal : undefined;
        let checked = journal && this.#check(pending, journal.replay.stored);
        if (checked === undefined || checked.answers.length > 0 || journal?.replay.ended !== undefined) {
          journal = await this.#current(true);
          checked = this.#check(pending, journal?.replay.stored);
        }
        for (const answer of checked.answers) answer();
        pending = checked.ready;
        if (pending.length === 0) return;
        pending = journal ? await this.#appendWrites(journal, checked.ready) : await this.#create(checked.ready);
      }
    } catch (error) {
      for (const { reject } of pending) reject(error);
    }
  }

  /** Tells those that have something to write from those that can be answered: refused, or with nothing to change. */
  #check(pending: readonly Pending[], before: StoredRefs | undefined): { ready: Ready[]; answers: (() => void)[] } {
    const { ttl } = this.#settings;
    const ready: Ready[] = [];
    const answers: (() => void)[] = [];
    let stored: Parameters<typeof applyWrite>[0] = before;
    for (const each of pending) {
      const now = this.#settings.now();
      try {
        const { stored: after, result } = applyWrite(stored, each.write, { sessionId: this.#id, now, ttl });
        stored = after;
        if (each.write.kind !== 'delete' || result.existed) ready.push({ ...each, now });
        else answers.push(() => each.resolve(result));
      } catch (error) {
        answers.push(() => each.reject(error));
      }
    }
    return { ready, answers };
  }

  /** Appends the writes and answers them. Returns those that came too late for this file. */
  async #appendWrites(journal: Journal, ready: readonly Ready[]): Promise<Ready[]> {
    const { sync, ttl } = this.#settings;
    const { stored } = journal.replay;
    // Whoever made the session may have died, or failed, before its name was safe.
    const isNew = stored && 'changes' in stored && stored.changes === 1;
    if (sync && isNew && !this.#open?.isNameSafe) await this.#syncName();
    const lines = ready.map(({ write, now }) =>
      encodeWrite(write, { ...journal.replay.witness, now, ...(ttl && { ttl }) }),
    );
    const { outcomes, end, removed, failure } = await this.#append(journal, lines);
    const { ended } = journal.replay;
    // Somebody who knows nothing of journals has removed the file, and what was written with it.
    const isLost = removed && ended === undefined;
    if (end !== undefined && ended === undefined && !isLost) {
      const length = lines.reduce((sum, { bytes }) => sum + bytes.length, 0);
      // The writes are safe; what failed here is tried again with a later one.
      await this.#tidy(journal, end - length, end, ready).catch(() => this.#drop());
    }
    return ready.filter((each, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined && !isLost) settle(each, outcome);
      else if (failure !== undefined) each.reject(this.#error(failure));
      else if (isLost || ended !== undefined) return true;
      else each.reject(this.#error(new Error('What was written is not in the file.'), 'unknown'));
      return false;
    });
  }

  /** Makes the session's first file, complete with these writes. Returns them if somebody else was faster. */
  async #create(ready: Ready[]): Promise<Ready[]> {
    const { sync, ttl } = this.#settings;
    const fileName = newJournalName(1);
    const header = new LineBuffer();
    header.append(headerLine(this.#id));
    const lines = ready.map(({ write, now }) => encodeWrite(write, { ...header.witness, now, ...(ttl && { ttl }) }));
    let bytes = Buffer.concat([header.take(), ...lines.map((line) => line.bytes)]);
    const replay = new Replay(this.#id, join(this.#folder.path, fileName));
    const outcomes: LineOutcome[] = [];
    replay.onLine = (_, outcome) => outcomes.push(outcome);
    replay.feed(bytes, true);
    replay.onLine = undefined;
    if (replay.stored && isCheckpointDue(undefined, 0, bytes.length)) {
      const { live, stored, witness } = replay;
      bytes = Buffer.concat([bytes, encode(checkpointLine(stored, { base: undefined, live, ...witness })).bytes]);
      replay.feed(bytes.subarray(replay.position), true);
    }
    try {
      const file = await this.#folder.create(fileName, bytes, sync);
      if (file === undefined) return ready;
      this.#open = { journal: new Journal(file, this.#id, replay), fileName };
    } catch (error) {
      throw this.#error(error);
    }
    if (sync) await this.#syncName();
    for (const [index, each] of ready.entries()) settle(each, outcomes[index] as LineOutcome);
    return [];
  }

  async #syncName(): Promise<void> {
    await this.#folder.syncName().catch((error) => {
      throw this.#error(error, 'unknown');
    });
    if (this.#open) this.#open.isNameSafe = true;
  }

  async #append(journal: Journal, lines: readonly EncodedLine[]) {
    if (journal.file.refusal !== undefined) {
      await this.#drop(); // it may be allowed next time
      throw this.#error(journal.file.refusal);
    }
    try {
      return await journal.append(lines, this.#settings.sync);
    } catch (error) {
      // After a failed sync the system may count as written what is not: this descriptor tells nothing any more.
      await this.#drop();
      throw this.#error(error, 'unknown');
    }
  }

  /** What keeps reading and storing cheap: a checkpoint where one is due, a new generation where most bytes are dead. */
  async #tidy(journal: Journal, start: number, end: number, writes: readonly Ready[]): Promise<void> {
    const { replay } = journal;
    if (replay.stored === undefined) return;
    if (isCheckpointDue(replay.base, start, end)) {
      const { base, live, stored, witness } = replay;
      const { failure } = await journal.append([encode(checkpointLine(stored, { base, live, ...witness }))], false);
      if (failure !== undefined) throw failure;
    }
    const deleted = 'deletedUntil' in replay.stored && writes.some(({ write }) => write.kind === 'delete');
    if (deleted || (isWorthwhile(journal) && (await hasRoom(journal, this.#folder)))) {
      await seal(journal);
      await this.#current(true);
    }
  }

  /**
   * The newest generation, read to its end; undefined where there is no session. To write, it must not be sealed; to
   * read, a sealed one will do as long as it has no successor.
   */
  async #current(toWrite: boolean): Promise<Journal | undefined> {
    try {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const open = this.#open ?? (await this.#openNewest());
        if (open === undefined) return undefined;
        const { removed } = await open.journal.follow();
        const { ended } = open.journal.replay;
        if (ended === undefined && !removed) return open.journal;
        try {
          if (ended === 'gone') await this.#folder.remove(open.fileName);
          else if (ended === 'sealed' && !(await succeed(open.journal, open.fileName, this.#folder, toWrite))) {
            return open.journal;
          }
        } catch (error) {
          if (toWrite || !isRefusal(error)) throw error;
          return ended === 'gone' ? undefined : open.journal;
        }
        await this.#drop();
      }
      throw this.#unsettled();
    } catch (error) {
      if (this.#open?.journal.failed) await this.#drop();
      throw this.#error(error);
    }
  }

  async #openNewest(): Promise<{ journal: Journal; fileName: string } | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const fileName = await this.#folder.newest();
      if (fileName === undefined) return undefined;
      const path = join(this.#folder.path, fileName);
      try {
        const journal = await Journal.open(path, this.#expected);
        this.#open = { journal, fileName };
        if (folderName(journal.sessionId) === this.#name) return this.#open;
        await this.#drop();
        throw corrupt(path, journal.sessionId, 'its folder is named for another session, which the first line');
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
    throw this.#unsettled();
  }

  async #drop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.journal.close().catch(() => {}); // nothing is buffered in it
  }

  get #id(): string {
    return this.#expected ?? this.#open?.journal.sessionId ?? '';
  }

  #error(error: unknown, outcome?: 'unknown'): SessError {
    return fileError(error, this.#folder.path, { sessionId: this.#expected, ...(outcome && { outcome }) });
  }

  #unsettled(): SessError {
    const about = this.#expected === undefined ? {} : { sessionId: this.#expected };
    const message = `The file in ${this.#folder.path} keeps being replaced, or its folder holds foreign files. Try again, or look at the folder.`;
    return new SessError('STORE_FAILED', message, { ...about, retryable: true });
  }
}

function isOver(journal: Journal | undefined, now: number): journal is Journal {
  const stored = journal?.replay.stored;
  return stored !== undefined && isSweepable(stored, now);
}

function settle(pending: Pending, outcome: LineOutcome): void {
  if ('error' in outcome) pending.reject(outcome.error);
  else pending.resolve(outcome.result);
}
