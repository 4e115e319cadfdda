import type { ConformanceTarget, OpenedStore, PreviousSession } from '@sess/conformance';
import {
  applyWrite,
  type LiveSession,
  type SessionWrite,
  type StoredSession,
  type WriteContext,
  type WriteResult,
} from '@sess/core/store';
import { type Backend, openSabotaged, type Sabotage } from './map-store.ts';

/** A store with one seeded defect. */
export interface Saboteur {
  readonly name: string;
  /** What it does wrong, for the table. */
  readonly defect: string;
  /** The clauses that must fail, and no other. */
  readonly fails: readonly string[];
  /** Made anew for each run, since some remember things. */
  readonly sabotage: () => Sabotage;
  /** Changes to what the target offers. */
  readonly opened?: (opened: OpenedStore) => OpenedStore;
}

/** A target for a saboteur, or for the right store. */
export function targetOf(
  name: string,
  sabotage: Sabotage,
  alter: (opened: OpenedStore) => OpenedStore = (it) => it,
): ConformanceTarget {
  const backends = new Map<string, Backend>();
  const backendOf = (space: string): Backend => {
    const backend = backends.get(space) ?? { space, sessions: new Map(), isBroken: false };
    backends.set(space, backend);
    return backend;
  };
  return {
    name,
    async open({ space, ttl, clock }) {
      const backend = backendOf(space);
      const { store, inner } = openSabotaged(backend, sabotage, { ttl, clock });
      return alter({
        store,
        close: async () => inner.close(),
        disconnect: async () => {
          inner.isConnected = false;
        },
        break: async () => {
          backend.isBroken = true;
        },
        client: { borrowed: true, works: async () => true },
      });
    },
    async previous(space): Promise<PreviousSession[]> {
      const sessionId = 'old';
      const threads = { main: [{ role: 'user' as const, content: [{ text: 'from before' }] }] };
      const write: SessionWrite = { kind: 'save', changeId: 'old-change', data: { state: 1, threads } };
      const { stored } = applyWrite(undefined, write, { sessionId, now: Date.now() });
      backendOf(space).sessions.set(sabotage.key?.(sessionId) ?? sessionId, stored as StoredSession);
      return [{ sessionId, state: 1, threads }];
    },
  };
}

type Written = { stored: StoredSession | undefined; result: WriteResult };

/** A sabotage of writes: what is stored is right, but for what `alter` makes of it. */
export function alterStored(
  alter: (next: LiveSession, old: LiveSession | undefined, write: SessionWrite, context: WriteContext) => LiveSession,
): Sabotage {
  return {
    write(stored, write, context): Written {
      const written = applyWrite(stored, write, context);
      if (written.stored === undefined || written.stored === stored || 'deletedUntil' in written.stored) return written;
      const old = stored !== undefined && !('deletedUntil' in stored) && written.result.existed ? stored : undefined;
      return { ...written, stored: alter(written.stored, old, write, context) };
    },
  };
}

/** A sabotage of writes: `alter` changes what is asked, by what is stored. */
export function alterWrite(
  alter: (write: SessionWrite, old: LiveSession | undefined, context: WriteContext) => SessionWrite,
): Sabotage {
  return {
    write(stored, write, context) {
      const old = stored === undefined || 'deletedUntil' in stored ? undefined : stored;
      return applyWrite(stored, alter(write, old, context), context);
    },
  };
}

/** Only changes of `commit`. */
export function alterChange(alter: (change: Change, old: LiveSession | undefined) => Change): Sabotage {
  return alterWrite((write, old) => (write.kind === 'commit' ? { ...write, change: alter(write.change, old) } : write));
}

export type Change = (SessionWrite & { kind: 'commit' })['change'];

/** The change of a write, if it is one. */
export function changeOf(write: SessionWrite): Change | undefined {
  return write.kind === 'commit' ? write.change : undefined;
}

/** `map` over the values of a record, whose keys may be `__proto__`. */
export function mapValues<T, U>(
  record: Readonly<Record<string, T>> | undefined,
  map: (value: T, key: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, map(value, key)]));
}

/** A copy without some of the properties. */
export function without<T extends object>(value: T, ...keys: (keyof T)[]): T {
  const copy = { ...value };
  for (const key of keys) delete copy[key];
  return copy;
}
