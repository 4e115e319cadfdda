import type { SessionRecord, StoredSession } from '@sess/core/store';
import { mapValues, type Saboteur, without } from './saboteur.ts';

/** Whatever is wrong with reading. */
export const readSaboteurs: readonly Saboteur[] = [
  {
    name: 'manifest without a version',
    defect: '`supports` lacks `specVersion`',
    fails: ['SUPPORTS-1'],
    sabotage: () => ({ supports: { specVersion: undefined as never } }),
  },
  {
    name: 'empty for absent',
    defect: '`get` answers an empty session where there is none',
    fails: ['GET-1'],
    sabotage: () => ({
      wrap: (store) => ({
        get: async (id, read) => (await store.get(id, read)) ?? ({ id, threads: {} } as never),
      }),
    }),
  },
  {
    name: 'newest first',
    defect: 'messages are read in the wrong order',
    fails: ['GET-2'],
    sabotage: () => ({
      stored: (stored) =>
        onRecord(stored, (it) => ({ ...it, threads: mapValues(it.threads, (list) => list.toReversed()) })),
    }),
  },
  {
    name: 'alias out',
    defect: '`get` hands out what it keeps',
    fails: ['GET-3'],
    sabotage: () => ({
      wrap(store) {
        const cache = new Map<string, SessionRecord>();
        return {
          async get(id, read) {
            const found = await store.get(id, read);
            if (found === undefined || found.partial !== undefined) return found;
            const kept = cache.get(id);
            if (kept !== undefined && kept.changes === found.changes && kept.life === found.life) return kept;
            cache.set(id, found);
            return found;
          },
        };
      },
    }),
  },
  {
    name: 'leaking bookkeeping',
    defect: 'a record tells what the contract does not name',
    fails: ['GET-4'],
    sabotage: () => ({
      wrap: (store) => ({
        async get(id, read) {
          const found = await store.get(id, read);
          return found && ({ ...found, recent: [] } as SessionRecord);
        },
      }),
    }),
  },
  {
    name: 'oldest window',
    defect: '`last` loads the oldest messages',
    fails: ['GET-5', 'GET-6', 'GET-7', 'SIZE-3'],
    sabotage: () => ({
      wrap: (store) => ({
        async get(id, read) {
          const found = await store.get(id, read);
          if (found?.threads === undefined || read?.last === undefined) return found;
          const whole = await store.get(id);
          return {
            ...found,
            threads: mapValues(found.threads, (list, thread) => (whole?.threads?.[thread] ?? []).slice(0, list.length)),
          };
        },
      }),
    }),
  },
  {
    name: 'zero for all',
    defect: '`last: 0` is taken for no limit',
    fails: ['GET-5', 'GET-7', 'GET-8'],
    sabotage: () => ({
      wrap: (store) => ({
        get: (id, read) =>
          store.get(id, read?.last === 0 ? { threads: Object.keys({}), ...without(read, 'last') } : read),
      }),
    }),
  },
  {
    name: 'before is inclusive',
    defect: '`before: i` loads message i too',
    fails: ['GET-6', 'SIZE-3'],
    sabotage: () => ({
      wrap: (store) => ({
        get: (id, read) =>
          store.get(
            id,
            Number.isSafeInteger(read?.before) && (read?.before ?? -1) >= 0
              ? { ...read, before: (read?.before ?? 0) + 1 }
              : read,
          ),
      }),
    }),
  },
  {
    name: 'ghost threads',
    defect: 'a selected thread that does not exist is answered as empty',
    fails: ['GET-7'],
    sabotage: () => ({
      wrap: (store) => ({
        async get(id, read) {
          const found = await store.get(id, read);
          if (found === undefined || read?.threads === undefined) return found;
          return {
            ...found,
            threads: {
              ...mapValues(Object.fromEntries(read.threads.map((it) => [it, []])), () => []),
              ...found.threads,
            },
          };
        },
      }),
    }),
  },
  {
    name: 'silent windows',
    defect: '`partial` is left out where everything was loaded',
    fails: ['GET-8', 'SAVE-9'],
    sabotage: () => ({
      wrap: (store) => ({
        async get(id, read) {
          const found = await store.get(id, read);
          const isWhole =
            found?.partial &&
            Object.entries(found.lengths).every(([thread, length]) => found.threads?.[thread]?.length === length);
          return isWhole ? (without(found as never as Record<string, unknown>, 'partial') as never) : found;
        },
      }),
    }),
  },
  {
    name: 'lenient reads',
    defect: 'a malformed window is taken for none',
    fails: ['GET-9'],
    sabotage: () => ({
      wrap: (store) => ({
        get: (id, read) =>
          store.get(
            id,
            typeof read === 'object' && read !== null
              ? (Object.fromEntries(
                  Object.entries(read).filter(([key, value]) => key === 'threads' || Number.isSafeInteger(value)),
                ) as never)
              : undefined,
          ),
      }),
    }),
  },
  {
    name: 'cut at 5,000',
    defect: 'only the first 5,000 messages of a thread are read',
    fails: ['SIZE-3'],
    sabotage: () => ({
      stored: (stored) =>
        onRecord(stored, (it) => ({ ...it, threads: mapValues(it.threads, (list) => list.slice(0, 5000)) })),
    }),
  },
  {
    name: 'torn reads',
    defect: 'state and threads are read one after the other',
    fails: ['RACE-4'],
    sabotage: () => ({
      wrap: (store) => ({
        async get(id, read) {
          const early = await store.get(id, read);
          for (let turns = 0; turns < 3; turns += 1) await new Promise((resolve) => setImmediate(resolve));
          const late = await store.get(id, read);
          return early && late && early.life === late.life ? { ...late, state: early.state } : late;
        },
      }),
    }),
  },
  {
    name: 'stale replica',
    defect: 'every third read under load answers what was there before',
    fails: ['RACE-4', 'RACE-5'],
    sabotage() {
      let reads = 0;
      const before = new Map<string, SessionRecord>();
      let running = 0;
      return {
        wrap: (store) => ({
          async get(id, read) {
            running += 1;
            try {
              const found = await store.get(id, read);
              const old = before.get(id);
              reads += 1;
              if (found !== undefined && read === undefined) before.set(id, found);
              await new Promise((resolve) => setImmediate(resolve));
              const isOld =
                running > 1 && read === undefined && reads % 3 === 0 && old !== undefined && old.life === found?.life;
              return isOld ? { ...old, changes: found?.changes ?? 0 } : found;
            } finally {
              running -= 1;
            }
          },
        }),
      };
    },
  },
];

function onRecord(
  stored: StoredSession | undefined,
  alter: (record: SessionRecord) => SessionRecord,
): StoredSession | undefined {
  if (stored === undefined || 'deletedUntil' in stored) return stored;
  return { ...alter(stored), recent: stored.recent };
}
