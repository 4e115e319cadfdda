import {
  applyWrite,
  isLive,
  type LiveSession,
  type SessionChange,
  type SessionRecord,
  type SessionWrite,
  type StoredSession,
} from '@sess/core/store';
import { messages, turn } from '../cases/sample.ts';
import type { Base, Command } from './command.ts';

/** What one session must be: the reference, `applyWrite` of core, and the ids that the commands need. */
export class SessionModel {
  readonly #sessionId: string;
  readonly #ttl: number | undefined;
  readonly #now: () => number;
  #stored: StoredSession | undefined;
  #sent: SessionChange[] = [];
  #versions: string[] = ['never'];
  #count = 0;

  constructor(sessionId: string, now: () => number, ttl: number | undefined) {
    this.#sessionId = sessionId;
    this.#now = now;
    this.#ttl = ttl;
  }

  /** What a whole read must answer. */
  get record(): SessionRecord | undefined {
    const live = this.#live;
    if (live === undefined) return undefined;
    const { recent: _, ...record } = live;
    return record;
  }

  /** Applies a write, or throws what the store must throw. */
  write(write: SessionWrite): { existed: boolean; expiresAt?: number | undefined } {
    const context = { sessionId: this.#sessionId, now: this.#now(), ttl: this.#ttl };
    const { stored, result } = applyWrite(this.#stored, write, context);
    this.#stored = stored;
    return result;
  }

  /** The change of a command, with ids and bases as the session now has them. */
  changeOf(command: Extract<Command, { kind: 'commit' }>): SessionChange {
    const live = this.#live;
    this.#count += 1;
    const number = this.#count;
    const { state, threads, metadata, holds } = command;
    const life =
      live === undefined
        ? command.life === 'earlier'
          ? this.#earlier()
          : null
        : this.#resolve(command.life, live.life);
    const change: SessionChange = {
      changeId: `c${number}`,
      life,
      ...(state && { state: { base: this.#resolve(state.base, live?.versions.state ?? null), value: state.value } }),
      threads: mapValues(threads, (it, thread) => {
        const length = valueAt(live?.lengths, thread) ?? 0;
        const keep = { all: length, none: 0, half: Math.floor(length / 2), beyond: length + 1 }[it.keep];
        return {
          base: this.#resolve(it.base, valueAt(live?.versions.threads, thread) ?? null),
          keep,
          append: messages(number * 10, number * 10 + it.append),
          ...(it.turn !== 'leave' && { turn: it.turn === 'close' ? null : turn(`t${number}`) }),
        };
      }),
      ...(metadata && { metadata: { ...metadata } }),
      holds: mapValues(holds, (it, thread) =>
        it === 'present' ? (valueAt(live?.openTurns, thread)?.id ?? 'none') : 'other',
      ),
      ...(life === null && command.owner && { owner: 'ada' }),
      ...(command.seen && { seen: live?.changes ?? 0 }),
      ...(command.retry && { retry: true as const }),
    };
    this.#sent.push(change);
    this.#versions.push(change.changeId);
    return change;
  }

  /** One of the last changes, as it is sent again. */
  repeated(back: number): SessionChange | undefined {
    const change = this.#sent.at(-1 - back);
    return change && { ...change, retry: true };
  }

  /** An id for a save, until the store's own is known. */
  placeholder(): string {
    this.#count += 1;
    return `save-${this.#count}`;
  }

  /** Takes over the ids that the store has given where a save was: they are its own affair, as long as they are new. */
  adopt(placeholder: string, actual: SessionRecord): string | undefined {
    const live = this.#live;
    if (live === undefined) return undefined;
    let problem: string | undefined;
    const actualOf = (version: string | null, found: string | null | undefined): string | null => {
      if (version !== placeholder) return version;
      if (typeof found !== 'string' || this.#versions.includes(found))
        problem = `save must give new versions, not ${found}`;
      return found ?? version;
    };
    const versions = {
      state: actualOf(live.versions.state, actual.versions.state),
      threads: mapValues(
        live.versions.threads,
        (version, thread) => actualOf(version, valueAt(actual.versions.threads, thread)) ?? version,
      ),
    };
    const life = actualOf(live.life, actual.life) ?? live.life;
    this.#stored = { ...live, versions, life } as LiveSession;
    this.#versions.push(...Object.values(versions.threads), ...(versions.state === null ? [] : [versions.state]), life);
    return problem;
  }

  get #live(): LiveSession | undefined {
    return isLive(this.#stored, this.#now()) ? (this.#stored as LiveSession) : undefined;
  }

  #resolve(base: Base, present: string | null): string | null {
    return base === 'present' ? present : base === 'absent' ? null : this.#earlier(present);
  }

  #earlier(except: string | null = null): string {
    return this.#versions.findLast((version) => version !== except) ?? 'never';
  }
}

/** `map` over the values of a record, whose keys may be `__proto__`. */
export function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}

function valueAt<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}
