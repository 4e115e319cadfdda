import { applyWrite, type FullSessionStore, SessError, type SessionRecord, type SessionWrite } from '@sess/core/store';
import { onErrors } from './content-saboteurs.ts';
import { changeOf, type Saboteur, without } from './saboteur.ts';

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Whatever goes wrong only when several write at once. */
export const raceSaboteurs: readonly Saboteur[] = [
  {
    name: 'lost updates',
    defect: 'conditions are checked before the write, not with it',
    fails: ['RACE-1', 'RACE-2', 'RACE-5', 'RACE-6'],
    sabotage: () => ({ gap: (write) => (isAppend(write) ? pause() : undefined) }),
  },
  {
    name: 'racing states',
    defect: 'the base of the state is checked before the write, not with it',
    fails: ['RACE-1', 'RACE-2', 'RACE-5'],
    sabotage: () => ({
      gap: (write) => (changeOf(write)?.state && changeOf(write)?.life !== null ? pause() : undefined),
    }),
  },
  {
    name: 'racing metadata',
    defect: 'metadata is read, merged and written back',
    fails: ['RACE-2'],
    sabotage: () => ({
      gap: (write) => (changeOf(write)?.metadata && !changeOf(write)?.threads ? pause() : undefined),
    }),
  },
  {
    name: 'racing creations',
    defect: 'a creation looks first and writes later',
    fails: ['RACE-3'],
    sabotage: () => ({
      gap: (write) => (changeOf(write)?.life === null && changeOf(write)?.owner ? pause() : undefined),
    }),
  },
  {
    name: 'racing empty changes',
    defect: 'an empty change writes back what it has read',
    fails: ['RACE-6'],
    sabotage: () => ({ gap: (write) => (isEmpty(write) ? pause() : undefined) }),
  },
  {
    name: 'racing repetitions',
    defect: 'a change that repeats one under way conflicts with it',
    fails: ['RACE-7'],
    sabotage() {
      const underWay = new Set<string>();
      return {
        wrap: (store) => ({
          async commit(id, change) {
            const { changeId } = change ?? {};
            if (underWay.has(`${id} ${changeId}`))
              throw new SessError('CONFLICT', `Session ${id} was changed.`, { sessionId: id });
            if (change?.seen === undefined) return store.commit(id, change);
            underWay.add(`${id} ${changeId}`);
            await pause();
            return store.commit(id, change).finally(() => underWay.delete(`${id} ${changeId}`));
          },
        }),
      };
    },
  },
];

/** Whatever is wrong with closing and with failures. */
export const useSaboteurs: readonly Saboteur[] = [
  {
    name: 'never closed',
    defect: 'reading goes on after `close`',
    fails: ['CLOSE-1'],
    sabotage: () => ({
      wrap(store) {
        const cache = new Map<string, SessionRecord | undefined>();
        return {
          async get(id, read) {
            try {
              const found = await store.get(id, read);
              if (read === undefined) cache.set(id, found);
              return found;
            } catch (error) {
              if (SessError.is(error, 'CLOSED')) return cache.get(id);
              throw error;
            }
          },
        };
      },
    }),
  },
  {
    name: 'closes once',
    defect: 'a second `close` rejects',
    fails: ['CLOSE-2'],
    sabotage: () => ({
      wrap(store) {
        let closed = false;
        return {
          async close() {
            if (closed) throw new SessError('CLOSED', 'The store is closed.');
            closed = true;
            await store.close();
          },
        };
      },
    }),
  },
  {
    name: 'private cache',
    defect: 'an instance goes on with what it has read itself',
    fails: ['CLOSE-3'],
    sabotage: () => ({
      wrap(store) {
        const cache = new Map<string, SessionRecord>();
        const forget = <T>(id: string, promise: Promise<T>) => promise.finally(() => cache.delete(id));
        return {
          async get(id, read) {
            const kept = cache.get(id);
            if (kept !== undefined && read === undefined && kept.expiresAt === undefined) return structuredClone(kept);
            const found = await store.get(id, read);
            if (found !== undefined && read === undefined && found.lengths.main === 1)
              cache.set(id, structuredClone(found));
            return found;
          },
          save: (id, data) => forget(id, store.save(id, data)),
          commit: (id, change) => forget(id, store.commit(id, change)),
          delete: (id) => forget(id, store.delete(id)),
          close: async () => store.close(),
        };
      },
    }),
  },
  {
    name: 'closes what is not its own',
    defect: "`close` closes the caller's client",
    fails: ['CLOSE-4'],
    sabotage: () => ({}),
    opened(opened) {
      let works = true;
      const store = new Proxy(opened.store as FullSessionStore, {
        get(target, property) {
          if (property !== 'close') return Reflect.get(target, property);
          return async () => {
            works = false;
            await target.close();
          };
        },
      });
      return { ...opened, store, client: { borrowed: true, works: async () => works } };
    },
  },
  {
    name: 'no way back',
    defect: 'data of the previous release is not found',
    fails: ['CLOSE-5'],
    sabotage: () => ({
      stored: (stored) =>
        stored !== undefined && 'life' in stored && stored.life === 'old-change' ? undefined : stored,
    }),
  },
  {
    name: 'silent empty',
    defect: 'a failed read is answered as no session',
    fails: ['ERROR-1', 'ERROR-3'],
    sabotage: () => ({
      wrap: (store) => ({
        get: (id, read) =>
          store
            .get(id, read)
            .catch((error) => (SessError.is(error, 'STORE_FAILED') ? undefined : Promise.reject(error))),
      }),
    }),
  },
  {
    name: 'silent writes',
    defect: 'a failed save resolves',
    fails: ['ERROR-1'],
    sabotage: () => ({
      wrap: (store) => ({
        save: (id, data) =>
          store
            .save(id, data)
            .catch((error) => (SessError.is(error, 'STORE_FAILED') ? undefined : Promise.reject(error))),
        get: (id, read) => store.get(id, read),
      }),
    }),
  },
  {
    name: 'nameless errors',
    defect: 'errors do not name the store',
    fails: ['ERROR-2'],
    sabotage: () =>
      onErrors((error) =>
        SessError.is(error)
          ? without(error, 'store') &&
            new SessError(error.code, error.message, {
              ...(error.sessionId !== undefined && { sessionId: error.sessionId }),
              ...(error.parts && { parts: error.parts }),
              ...(error.outcome && { outcome: error.outcome }),
            })
          : error,
      ),
  },
  {
    name: 'bare errors',
    defect: "the driver's own error of a lost connection comes through",
    fails: ['ERROR-3'],
    sabotage: () =>
      onErrors((error) =>
        SessError.is(error, 'STORE_FAILED') &&
        (error as Error).cause instanceof Error &&
        ((error as Error).cause as Error).message.includes('connection')
          ? (error as Error).cause
          : error,
      ),
  },
  {
    name: 'talkative errors',
    defect: 'a message quotes what was to be stored',
    fails: ['ERROR-4'],
    sabotage: () => ({
      write(stored, write, context) {
        try {
          return applyWrite(stored, write, context);
        } catch (error) {
          throw SessError.is(error)
            ? Object.assign(error, { message: `${error.message} ${JSON.stringify(write)}` })
            : error;
        }
      },
    }),
  },
  {
    name: 'vague errors',
    defect: 'a message does not say of which session it is',
    fails: ['ERROR-5'],
    sabotage: () =>
      onErrors((error) =>
        SessError.is(error) && error.code !== 'NOT_SERIALIZABLE'
          ? Object.assign(error, { message: 'It did not work.' })
          : error,
      ),
  },
];

function isAppend(write: SessionWrite): boolean {
  const change = changeOf(write);
  return (
    change?.threads !== undefined && change.life !== null && Object.keys(change.threads).length === 1 && !change.seen
  );
}

function isEmpty(write: SessionWrite): boolean {
  const change = changeOf(write);
  return (
    change !== undefined &&
    change.life !== null &&
    !change.state &&
    !change.metadata &&
    !change.threads &&
    !change.holds
  );
}
