import { applyWrite, type LiveSession, SessError } from '@sess/core/store';
import { alterStored, mapValues, type Saboteur, without } from './saboteur.ts';

/** Whatever is wrong with `save`. */
export const saveSaboteurs: readonly Saboteur[] = [
  {
    name: 'overwrite ignored',
    defect: '`save` of a session that is there is ignored',
    fails: [
      'COMMIT-14',
      'COMMIT-18',
      'EXPIRY-4',
      'EXPIRY-6',
      'EXPIRY-11',
      'GET-2',
      'SAVE-1',
      'SAVE-3',
      'SAVE-4',
      'SAVE-5',
      'SAVE-6',
      'SAVE-7',
    ],
    sabotage: () => ({
      write: (stored, write, context) =>
        write.kind === 'save' && stored !== undefined && !('deletedUntil' in stored)
          ? { stored, result: { existed: true } }
          : applyWrite(stored, write, context),
    }),
  },
  {
    name: 'merging save',
    defect: '`save` keeps the threads that the data leaves out',
    fails: ['SAVE-1', 'SAVE-6'],
    sabotage: () =>
      alterStored((next, old, write) =>
        write.kind === 'save' && old !== undefined
          ? {
              ...next,
              threads: { ...old.threads, ...next.threads },
              lengths: { ...old.lengths, ...next.lengths },
              versions: { ...next.versions, threads: { ...old.versions.threads, ...next.versions.threads } },
            }
          : next,
      ),
  },
  {
    name: 'alias in',
    defect: '`save` keeps the object that it was given',
    fails: ['SAVE-2'],
    sabotage: () => ({
      wrap(store) {
        const given = new Map<string, unknown>();
        return {
          async save(id, data) {
            await store.save(id, data);
            if (typeof data.state === 'object' && data.state !== null) given.set(id, data.state);
          },
          async commit(id, change) {
            given.delete(id);
            return store.commit(id, change);
          },
          async delete(id) {
            given.delete(id);
            return store.delete(id);
          },
          async get(id, read) {
            const found = await store.get(id, read);
            const state = given.get(id);
            return found?.state !== undefined && state !== undefined
              ? { ...found, state: JSON.parse(JSON.stringify(state)) }
              : found;
          },
        };
      },
    }),
  },
  {
    name: 'conditional save',
    defect: '`save` compares the bookkeeping in the data with what is stored',
    fails: ['SAVE-3'],
    sabotage: () => ({
      wrap: (store) => ({
        async save(id, data) {
          const { changes } = (data ?? {}) as { changes?: number };
          const found = changes === undefined ? undefined : await store.get(id, { last: 0 });
          if (found !== undefined && found.changes !== changes)
            throw new SessError('CONFLICT', `Session ${id} was changed.`);
          return store.save(id, data);
        },
      }),
    }),
  },
  {
    name: 'save drops the owner',
    defect: '`save` forgets the owner',
    fails: ['LIST-1', 'OWNER-1', 'SAVE-4'],
    sabotage: () => alterStored((next, old, write) => (write.kind === 'save' && old ? without(next, 'owner') : next)),
  },
  {
    name: 'save drops metadata',
    defect: '`save` of data without metadata forgets the metadata',
    fails: ['SAVE-5'],
    sabotage: () =>
      alterStored((next, _, write) =>
        write.kind === 'save' && write.data.metadata === undefined ? without(next, 'metadata') : next,
      ),
  },
  {
    name: 'save keeps versions',
    defect: '`save` keeps the version of a part whose content is the same',
    fails: ['COMMIT-18', 'SAVE-6'],
    sabotage: () =>
      alterStored((next, old, write) => {
        if (write.kind !== 'save' || old === undefined) return next;
        const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
        return {
          ...next,
          versions: {
            state: isSame(next.state, old.state) ? old.versions.state : next.versions.state,
            threads: mapValues(next.versions.threads, (version, thread) =>
              isSame(next.threads?.[thread], old.threads?.[thread])
                ? (old.versions.threads[thread] ?? version)
                : version,
            ),
          },
        };
      }),
  },
  {
    name: 'save keeps turns',
    defect: '`save` leaves turns open',
    fails: ['SAVE-7'],
    sabotage: () =>
      alterStored((next, old, write) =>
        write.kind === 'save' && old?.openTurns ? { ...next, openTurns: old.openTurns } : next,
      ),
  },
  {
    name: 'one life for all',
    defect: 'every session that `save` creates has the same life',
    fails: ['SAVE-8'],
    sabotage: () =>
      alterStored((next, old, write) =>
        write.kind === 'save' && old === undefined ? { ...next, life: 'saved' } : next,
      ),
  },
  {
    name: 'partial save',
    defect: '`save` accepts what was read in part',
    fails: ['SAVE-9'],
    sabotage: () => ({
      wrap: (store) => ({
        save: (id, data) =>
          store.save(
            id,
            typeof data === 'object' && data !== null && 'partial' in data
              ? without(data as LiveSession, 'partial')
              : data,
          ),
      }),
    }),
  },
];
