import { applyWrite, type LiveSession, SessError } from '@sess/core/store';
import { alterChange, alterStored, changeOf, mapValues, type Saboteur, without } from './saboteur.ts';

/** Whatever is wrong with `commit`. */
export const commitSaboteurs: readonly Saboteur[] = [
  {
    name: 'creation overwrites',
    defect: 'a second creation replaces the session',
    fails: ['COMMIT-1'],
    sabotage: () => ({
      write(stored, write, context) {
        const change = changeOf(write);
        const isOther =
          stored !== undefined &&
          change?.life === null &&
          !('deletedUntil' in stored) &&
          stored.life !== change.changeId;
        return applyWrite(isOther ? undefined : stored, write, context);
      },
    }),
  },
  {
    name: 'upsert',
    defect: 'a change of a session that never was creates it',
    fails: ['COMMIT-2'],
    sabotage: () => ({
      write: (stored, write, context) => {
        const change = changeOf(write);
        return applyWrite(
          stored,
          change && stored === undefined ? { kind: 'commit', change: { ...change, life: null } } : write,
          context,
        );
      },
    }),
  },
  {
    name: 'append only',
    defect: 'messages beyond `keep` stay',
    fails: ['COMMIT-3', 'SIZE-1', 'SIZE-3', 'SIZE-5'],
    sabotage: () =>
      alterStored((next, old, write) => {
        const threads = mapValues(next.threads, (list, thread) => {
          const touched = changeOf(write)?.threads;
          const change = touched !== undefined && Object.hasOwn(touched, thread) ? touched[thread] : undefined;
          const before =
            old?.threads !== undefined && Object.hasOwn(old.threads, thread) ? (old.threads[thread] ?? []) : [];
          return change === undefined || change.keep === 0 || change.append.length === 0
            ? list
            : [...before, ...change.append];
        });
        return { ...next, threads, lengths: mapValues(threads, (list) => list.length) };
      }),
  },
  {
    name: 'one version for all',
    defect: 'every change gives all parts a new version',
    fails: ['COMMIT-4', 'COMMIT-9', 'COMMIT-10', 'COMMIT-14', 'COMMIT-15', 'HOLD-2', 'HOLD-4', 'HOLD-5', 'ID-3'],
    sabotage: () =>
      alterStored((next, _, write) => {
        const changeId = changeOf(write)?.changeId;
        if (changeId === undefined) return next;
        const { state, threads } = next.versions;
        return { ...next, versions: { state: state && changeId, threads: mapValues(threads, () => changeId) } };
      }),
  },
  {
    name: 'merged state',
    defect: 'the state is merged into the old one',
    fails: ['COMMIT-5'],
    sabotage: () =>
      alterStored((next, old, write) => {
        const given = changeOf(write)?.state?.value;
        const isPlain = (it: unknown): it is object => typeof it === 'object' && it !== null && !Array.isArray(it);
        return isPlain(given) && isPlain(old?.state) && !('small' in given)
          ? { ...next, state: { ...old.state, ...given } }
          : next;
      }),
  },
  {
    name: 'unclearable state',
    defect: 'clearing the state leaves it',
    fails: ['COMMIT-5'],
    sabotage: () =>
      alterStored((next, old, write) => {
        const state = changeOf(write)?.state;
        return state !== undefined && state.value === undefined && old?.state !== undefined
          ? { ...next, state: old.state }
          : next;
      }),
  },
  {
    name: 'null fits any thread',
    defect: 'a base of null passes for a thread that is there',
    fails: ['COMMIT-6', 'COMMIT-18', 'RETRY-6', 'RETRY-7'],
    sabotage: () =>
      alterChange((change, old) => ({
        ...change,
        ...(change.threads && {
          threads: mapValues(change.threads, (it, thread) =>
            it.base === null && old?.life === change.life && !old.recent.includes(change.changeId)
              ? { ...it, base: versionOf(old, thread) }
              : it,
          ),
        }),
      })),
  },
  {
    name: 'null fits any state',
    defect: 'a base of null passes for a state that is there',
    fails: ['COMMIT-7', 'COMMIT-10', 'COMMIT-11', 'COMMIT-18'],
    sabotage: () =>
      alterChange((change, old) =>
        change.state?.base === null && old?.life === change.life
          ? { ...change, state: { ...change.state, base: old.versions.state } }
          : change,
      ),
  },
  {
    name: 'lives are not compared',
    defect: 'a change of another life is judged by its bases only',
    fails: ['COMMIT-8', 'EXPIRY-6', 'RETRY-7'],
    sabotage: () =>
      alterChange((change, old) =>
        change.life !== null && old !== undefined ? { ...change, life: old.life } : change,
      ),
  },
  {
    name: 'no conflict',
    defect: 'bases are not compared at all: the last writer wins',
    fails: [
      'CLOSE-3',
      'COMMIT-6',
      'COMMIT-7',
      'COMMIT-10',
      'COMMIT-11',
      'COMMIT-12',
      'COMMIT-18',
      'RETRY-6',
      'RETRY-7',
      'SIZE-5',
    ],
    sabotage: () =>
      alterChange((change, old) => {
        if (old === undefined || change.life !== old.life) return change;
        return {
          ...change,
          ...(change.state && { state: { ...change.state, base: old.versions.state } }),
          ...(change.threads && {
            threads: mapValues(change.threads, (it, thread) => ({
              ...it,
              base: versionOf(old, thread),
              keep: Math.min(it.keep, lengthOf(old, thread)),
            })),
          }),
        };
      }),
  },
  {
    name: 'first conflict only',
    defect: 'a conflict tells one part, and leaves out the others',
    fails: ['COMMIT-10', 'SIZE-5'],
    sabotage: () =>
      onConflict((error) => {
        const [thread] = Object.entries(error.parts?.threads ?? {});
        const parts = error.parts?.life
          ? { life: error.parts.life }
          : error.parts?.state
            ? { state: error.parts.state }
            : { threads: Object.fromEntries(thread ? [thread] : []) };
        return new SessError('CONFLICT', error.message, { ...detailsOf(error), parts });
      }),
  },
  {
    name: 'life and the rest',
    defect: 'a conflict of lives tells the other parts too',
    fails: ['COMMIT-8'],
    sabotage: () =>
      onConflict((error) =>
        error.parts?.life
          ? new SessError('CONFLICT', error.message, {
              ...detailsOf(error),
              parts: { ...error.parts, state: { version: null } },
            })
          : error,
      ),
  },
  {
    name: 'partial commit',
    defect: 'the metadata of a change that conflicts is merged all the same',
    fails: ['COMMIT-11'],
    sabotage: () => ({
      write(stored, write, context) {
        try {
          return applyWrite(stored, write, context);
        } catch (error) {
          const metadata = changeOf(write)?.metadata;
          if (metadata !== undefined && stored !== undefined && SessError.is(error, 'CONFLICT')) {
            Object.assign(stored, { metadata: { ...(stored as LiveSession).metadata, ...metadata } });
          }
          throw error;
        }
      },
    }),
  },
  {
    name: 'clamped keep',
    defect: 'a `keep` beyond the end is taken for the end',
    fails: ['COMMIT-11', 'COMMIT-12'],
    sabotage: () =>
      alterChange((change, old) => ({
        ...change,
        ...(change.threads && {
          threads: mapValues(change.threads, (it, thread) => ({
            ...it,
            keep: Math.min(it.keep, lengthOf(old, thread)),
          })),
        }),
      })),
  },
  {
    name: 'keep before conflicts',
    defect: 'a `keep` beyond the end is told before a conflict',
    fails: ['COMMIT-12'],
    sabotage: () => ({
      write(stored, write, context) {
        const change = changeOf(write);
        const old = stored as LiveSession | undefined;
        const isRepeated =
          old !== undefined && (old.life === change?.changeId || old.recent?.includes(change?.changeId ?? ''));
        if (old?.lengths !== undefined && old.life === change?.life && !isRepeated) {
          for (const [thread, { keep }] of Object.entries(change.threads ?? {})) {
            if (keep > lengthOf(old, thread))
              throw new SessError('INVALID_ARGUMENT', `Session ${context.sessionId} is shorter.`);
          }
        }
        return applyWrite(stored, write, context);
      },
    }),
  },
  {
    name: 'empty changes do not count',
    defect: '`changes` stays with a change that touches nothing',
    fails: ['COMMIT-13', 'COMMIT-15'],
    sabotage: () =>
      alterStored((next, old, write) =>
        old !== undefined && isEmpty(write) ? { ...next, changes: old.changes } : next,
      ),
  },
  {
    name: 'touch updates',
    defect: '`updatedAt` moves with an empty change',
    fails: ['COMMIT-14', 'COMMIT-15'],
    sabotage: () =>
      alterStored((next, old, write) =>
        old !== undefined && isEmpty(write) ? { ...next, updatedAt: old.updatedAt + 1 } : next,
      ),
  },
  {
    name: 'creation time moves',
    defect: '`createdAt` moves with every change of metadata',
    fails: ['COMMIT-14'],
    sabotage: () =>
      alterStored((next, old, write) =>
        old !== undefined && changeOf(write)?.metadata ? { ...next, createdAt: old.createdAt + 1 } : next,
      ),
  },
  {
    name: 'empty changes are ignored',
    defect: 'a change that touches nothing is acknowledged and not made',
    fails: ['COMMIT-13', 'COMMIT-15', 'EXPIRY-6', 'EXPIRY-11'],
    sabotage: () => ({
      write(stored, write, context) {
        const written = applyWrite(stored, write, context);
        return isEmpty(write) && written.result.existed ? { ...written, stored } : written;
      },
    }),
  },
  {
    name: 'silent expiry',
    defect: '`commit` does not tell `expiresAt`',
    fails: ['COMMIT-16'],
    sabotage: () => ({
      wrap: (store) => ({ commit: async (id, change) => ({ changeId: (await store.commit(id, change)).changeId }) }),
    }),
  },
  {
    name: 'lenient changes',
    defect: 'a malformed `seen` is ignored',
    fails: ['COMMIT-17'],
    sabotage: () => ({
      wrap: (store) => ({
        commit: async (id, change) =>
          store.commit(
            id,
            Number.isSafeInteger(change?.seen) && (change.seen ?? 0) >= 0 ? change : change && without(change, 'seen'),
          ),
      }),
    }),
  },
  {
    name: 'filled holes',
    defect: 'a hole among messages is stored as an empty object',
    fails: ['COMMIT-17', 'SAVE-9'],
    sabotage: () => ({
      wrap: (store) => ({
        save: async (id, data) => store.save(id, withThreads(data, filled)),
        commit: async (id, change) =>
          store.commit(
            id,
            withThreads(change, (thread) =>
              Array.isArray(thread?.append) ? { ...thread, append: filled(thread.append) } : thread,
            ),
          ),
      }),
    }),
  },
  {
    name: 'bases from before save',
    defect: 'the versions from before a save still pass',
    fails: ['COMMIT-18'],
    sabotage() {
      const before = new Map<string, LiveSession['versions']>();
      return {
        write(stored, write, context) {
          const old = stored === undefined || 'deletedUntil' in stored ? undefined : stored;
          if (write.kind === 'save' && old) before.set(context.sessionId, old.versions);
          const change = changeOf(write);
          const known = before.get(context.sessionId);
          if (change?.threads === undefined || known === undefined || old?.life !== change.life)
            return applyWrite(stored, write, context);
          const threads = mapValues(change.threads, (it, thread) =>
            it.base !== null && it.base === known.threads[thread] ? { ...it, base: versionOf(old, thread) } : it,
          );
          return applyWrite(stored, { kind: 'commit', change: { ...change, threads } }, context);
        },
      };
    },
  },
  {
    name: 'alias of a change',
    defect: '`commit` copies the change only after it has waited',
    fails: ['COMMIT-19'],
    sabotage: () => ({
      wrap: (store) => ({
        async commit(id, change) {
          await null;
          return store.commit(id, change);
        },
      }),
    }),
  },
  {
    name: 'rarely forgetful',
    defect: 'a change that closes a turn and merges metadata loses the metadata',
    fails: ['COMMIT-20'],
    sabotage: () =>
      alterStored((next, old, write) => {
        const change = changeOf(write);
        const closes = Object.values(change?.threads ?? {}).some(({ turn }) => turn === null);
        if (!closes || change?.metadata === undefined || old === undefined) return next;
        return old.metadata === undefined ? without(next, 'metadata') : { ...next, metadata: old.metadata };
      }),
  },
  {
    name: 'changing owner',
    defect: 'a change of metadata forgets the owner',
    fails: ['LIST-1', 'OWNER-1'],
    sabotage: () =>
      alterStored((next, old, write) =>
        old !== undefined && changeOf(write)?.threads ? without(next, 'owner') : next,
      ),
  },
  {
    name: 'owner at any time',
    defect: 'an owner in a later change is ignored',
    fails: ['OWNER-2'],
    sabotage: () => ({
      wrap: (store) => ({
        commit: async (id, change) =>
          store.commit(id, typeof change?.life === 'string' ? without(change, 'owner') : change),
      }),
    }),
  },
  {
    name: 'deep merge',
    defect: 'objects in metadata are merged, not replaced',
    fails: ['META-1'],
    sabotage: () =>
      alterStored((next, old, write) => {
        if (changeOf(write)?.metadata === undefined || next.metadata === undefined) return next;
        const metadata = mapValues(next.metadata, (value, key) => {
          const before = old?.metadata?.[key];
          const areObjects = [value, before].every((it) => typeof it === 'object' && it !== null && !Array.isArray(it));
          return areObjects ? { ...(before as object), ...(value as object) } : value;
        });
        return { ...next, metadata };
      }),
  },
  {
    name: 'null as metadata',
    defect: 'null in metadata is stored',
    fails: ['META-2'],
    sabotage: () =>
      alterStored((next, _, write) => {
        const nulls = Object.entries(changeOf(write)?.metadata ?? {}).filter(([, value]) => value === null);
        return nulls.length === 0 ? next : { ...next, metadata: { ...next.metadata, ...Object.fromEntries(nulls) } };
      }),
  },
];

function isEmpty(write: Parameters<typeof changeOf>[0]): boolean {
  const change = changeOf(write);
  if (change === undefined || change.state || change.metadata) return false;
  return Object.keys(change.threads ?? {}).length === 0 && Object.keys(change.holds ?? {}).length === 0;
}

function versionOf(old: LiveSession, thread: string): string | null {
  return Object.hasOwn(old.versions.threads, thread) ? (old.versions.threads[thread] ?? null) : null;
}

function lengthOf(old: LiveSession | undefined, thread: string): number {
  return old !== undefined && Object.hasOwn(old.lengths, thread) ? (old.lengths[thread] ?? 0) : 0;
}

function detailsOf({ sessionId, outcome }: SessError): { sessionId?: string; outcome?: 'unknown' } {
  return { ...(sessionId !== undefined && { sessionId }), ...(outcome && { outcome }) };
}

function onConflict(alter: (error: SessError) => SessError): ReturnType<Saboteur['sabotage']> {
  return {
    write(stored, write, context) {
      try {
        return applyWrite(stored, write, context);
      } catch (error) {
        throw SessError.is(error, 'CONFLICT') ? alter(error) : error;
      }
    },
  };
}

/** What is written, with its threads altered, where it has any: it may be malformed. */
function withThreads<T extends { threads?: Record<string, unknown> }>(
  written: T,
  alter: (thread: NonNullable<T['threads']>[string]) => NonNullable<T['threads']>[string],
): T {
  const threads: unknown = written?.threads;
  const hasThreads = typeof threads === 'object' && threads !== null && !Array.isArray(threads);
  return hasThreads ? { ...written, threads: mapValues(threads as never, alter as never) } : written;
}

function filled<T>(messages: T[]): T[] {
  return Array.isArray(messages)
    ? Array.from(messages, (message, index) => (index in messages ? message : ({} as T)))
    : messages;
}
