import { applyWrite, type MessageData, SessError, type SessionRecord, type StoredSession } from '@sess/core/store';
import { alterChange, alterStored, changeOf, mapValues, type Saboteur, without } from './saboteur.ts';

/** Whatever is wrong with ids and names. */
export const idSaboteurs: readonly Saboteur[] = [
  {
    name: 'case-folded ids',
    defect: 'ids are lowercased',
    fails: ['ID-1', 'ID-4'],
    sabotage: () => ({ key: (id) => id.toLowerCase() }),
  },
  {
    name: 'normalized ids',
    defect: 'ids are normalized to NFC',
    fails: ['ID-1', 'ID-4'],
    sabotage: () => ({ key: (id) => id.normalize('NFC') }),
  },
  {
    name: 'truncated ids',
    defect: 'ids are cut after 255 characters',
    fails: ['ID-4'],
    sabotage: () => ({ key: (id) => id.slice(0, 255) }),
  },
  {
    name: 'sanitized ids',
    defect: 'special characters in ids become underscores',
    fails: ['ID-1', 'ID-4'],
    sabotage: () => ({ key: (id) => id.replace(/[^\w\u0080-\uffff-]/g, '_') }),
  },
  {
    name: 'ASCII ids',
    defect: 'characters of ids beyond ASCII are lost',
    fails: ['ID-1', 'ID-4'],
    sabotage: () => ({ key: (id) => id.replace(/[^\0-\x7f]/g, '?') }),
  },
  {
    name: 'trimmed ids',
    defect: 'ids are trimmed',
    fails: ['ID-1', 'ID-4'],
    sabotage: () => ({ key: (id) => id.trim() }),
  },
  {
    name: 'ids as paths',
    defect: 'ids are resolved like paths',
    fails: ['ID-2'],
    sabotage() {
      const spaces = new Map<string, Parameters<NonNullable<ReturnType<Saboteur['sabotage']>['wrap']>>[0]>();
      return {
        wrap(store, { space }) {
          spaces.set(space, store);
          const at = (id: string) => {
            const [, other, rest] = /^\.\.\/([a-z0-9-]+)\/(.+)$/.exec(id) ?? [];
            return { store: spaces.get(other ?? '') ?? store, id: spaces.has(other ?? '') ? (rest ?? id) : id };
          };
          return {
            get: (id, read) => (typeof id === 'string' ? at(id).store.get(at(id).id, read) : store.get(id, read)),
            save: (id, data) => (typeof id === 'string' ? at(id).store.save(at(id).id, data) : store.save(id, data)),
          };
        },
      };
    },
  },
  {
    name: 'case-folded threads',
    defect: 'names of threads are lowercased',
    fails: ['ID-3'],
    sabotage: () =>
      alterStored((next) => ({
        ...next,
        threads: Object.fromEntries(
          Object.entries(next.threads ?? {}).map(([name, list]) => [
            /^[a-z]+$/i.test(name) ? name.toLowerCase() : name,
            list,
          ]),
        ),
      })),
  },
  {
    name: 'short ids only',
    defect: 'ids of more than 255 bytes are refused',
    fails: ['ID-4'],
    sabotage: () => ({
      write(stored, write, context) {
        if (new TextEncoder().encode(context.sessionId).length > 255) throw new SessError('INVALID_ID', 'too long');
        return applyWrite(stored, write, context);
      },
    }),
  },
  {
    name: 'anything is an id',
    defect: 'what is no string is made one',
    fails: ['ID-5'],
    sabotage: () => ({
      wrap(store) {
        const text = (id: unknown) => (typeof id === 'object' && id !== null ? 'object' : (id as string));
        return {
          get: (id, read) => store.get(text(id), read),
          save: (id, data) => store.save(text(id), data),
          commit: (id, change) => store.commit(text(id), change),
          delete: (id) => store.delete(text(id)),
        };
      },
    }),
  },
  {
    name: 'any name in holds',
    defect: 'what is held under a name that is none is ignored',
    fails: ['ID-6'],
    sabotage: () => ({
      wrap: (store) => ({
        commit: async (id, change) =>
          store.commit(
            id,
            change?.holds && Object.values(change.holds).some((it) => typeof it !== 'string')
              ? without(change, 'holds')
              : change,
          ),
      }),
    }),
  },
];

/** Whatever is wrong with values and sizes. */
export const contentSaboteurs: readonly Saboteur[] = [
  {
    name: 'empty lists become objects',
    defect: '`[]` in a state is read back as `{}`',
    fails: ['JSON-1'],
    sabotage: () => onValues((value) => (Array.isArray(value) && value.length === 0 ? {} : value)),
  },
  {
    name: 'nulls are dropped',
    defect: 'a property that is null is dropped',
    fails: ['JSON-1', 'JSON-7'],
    sabotage: () =>
      onValues((value) =>
        isPlain(value) ? Object.fromEntries(Object.entries(value).filter(([, it]) => it !== null)) : value,
      ),
  },
  {
    name: 'single precision',
    defect: 'numbers are kept in 32 bits',
    fails: ['JSON-1'],
    sabotage: () =>
      onValues((value) => (typeof value === 'number' && !Number.isSafeInteger(value) ? Math.fround(value) : value)),
  },
  {
    name: 'non-ASCII lost',
    defect: 'characters beyond ASCII become question marks',
    fails: ['ID-1', 'ID-4', 'JSON-2'],
    sabotage: () => onValues((value) => (typeof value === 'string' ? value.replace(/[^\0-\x7f]/g, '?') : value)),
  },
  {
    name: 'normalized text',
    defect: 'text is normalized to NFC',
    fails: ['ID-1', 'ID-4', 'JSON-2'],
    sabotage: () => onValues((value) => (typeof value === 'string' ? value.normalize('NFC') : value)),
  },
  {
    name: 'prototype keys lost',
    defect: 'a property named `__proto__` is lost',
    fails: ['JSON-3'],
    sabotage: () =>
      onValues((value) =>
        isPlain(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => key !== '__proto__')) : value,
      ),
  },
  {
    name: 'operators escaped',
    defect: '`$` in names becomes an underscore',
    fails: ['JSON-3'],
    sabotage: () =>
      onValues((value) =>
        isPlain(value)
          ? Object.fromEntries(Object.entries(value).map(([key, it]) => [key.replace('$', '_'), it]))
          : value,
      ),
  },
  {
    name: 'a hundred levels',
    defect: 'nesting beyond 100 levels is refused',
    fails: ['JSON-4'],
    sabotage: () => ({
      write(stored, write, context) {
        if (write.kind === 'save' && depthOf(write.data.state) > 100)
          throw new SessError('NOT_SERIALIZABLE', 'state is nested too deep.');
        return applyWrite(stored, write, context);
      },
    }),
  },
  {
    name: 'NaN becomes null',
    defect: 'NaN and infinity are stored as null',
    fails: ['JSON-5'],
    sabotage: () => ({
      wrap(store) {
        const clean = <T>(value: T): T =>
          mapDeep(value, (it) => (typeof it === 'number' && !Number.isFinite(it) ? null : it)) as T;
        return {
          save: (id, data) => store.save(id, isPlain(data) && hasNumber(data) ? clean(data) : data),
        };
      },
    }),
  },
  {
    name: 'refusal without a path',
    defect: 'NOT_SERIALIZABLE does not say where',
    fails: ['JSON-6'],
    sabotage: () =>
      onErrors((error) =>
        SessError.is(error, 'NOT_SERIALIZABLE') ? Object.assign(error, { message: 'This cannot be stored.' }) : error,
      ),
  },
  {
    name: 'undefined becomes null',
    defect: 'a property that is undefined is stored as null',
    fails: ['JSON-7'],
    sabotage: () => ({
      wrap: (store) => ({
        save: (id, data) =>
          store.save(
            id,
            isPlain(data) && isPlain(data.state)
              ? {
                  ...data,
                  state: Object.fromEntries(
                    Object.entries(data.state).map(([key, it]) => [key, it === undefined ? null : it]),
                  ),
                }
              : data,
          ),
      }),
    }),
  },
  {
    name: 'cut at 400 KB',
    defect: 'a message of more than 400 KB loses its end',
    fails: ['SIZE-1'],
    sabotage: () =>
      onMessages((message) =>
        typeof message.content[0]?.text === 'string' &&
        message.content[0].text.length > 400 * 1024 &&
        message.content[0].text.length < 1_000_000
          ? { ...message, content: [{ text: message.content[0].text.slice(0, 400 * 1024) }] }
          : message,
      ),
  },
  {
    name: 'unclaimed limit',
    defect: 'messages of 16 MB are TOO_LARGE, and `supports` does not say so',
    fails: ['SIZE-2'],
    sabotage: () => ({
      write(stored, write, context) {
        const large = Object.values(changeOf(write)?.threads ?? {}).some(({ append }) =>
          append.some((it) => (it.content[0]?.text?.length ?? 0) > 8_000_000),
        );
        if (large) throw new SessError('TOO_LARGE', 'too large');
        return applyWrite(stored, write, context);
      },
    }),
  },
  {
    name: 'cut state',
    defect: 'a state of more than 512 KB loses its end',
    fails: ['SIZE-4'],
    sabotage: () =>
      alterStored((next) =>
        Array.isArray(next.state?.rows) ? { ...next, state: { rows: next.state.rows.slice(0, 512) } } : next,
      ),
  },
  {
    name: 'batches of 500',
    defect: 'of 1,000 messages in one change only 500 land',
    fails: ['SIZE-5'],
    sabotage: () =>
      alterChange((change) => ({
        ...change,
        ...(change.threads && {
          threads: mapValues(change.threads, (it) =>
            it.append.length === 1000 && it.keep === 2 ? { ...it, append: it.append.slice(0, 500) } : it,
          ),
        }),
      })),
  },
];

function onValues(alter: (value: unknown) => unknown): ReturnType<Saboteur['sabotage']> {
  return alterStored((next) => (next.state === undefined ? next : { ...next, state: mapDeep(next.state, alter) }));
}

function onMessages(alter: (message: MessageData) => MessageData): ReturnType<Saboteur['sabotage']> {
  return {
    stored: (stored): StoredSession | undefined =>
      stored === undefined || 'deletedUntil' in stored
        ? stored
        : { ...stored, threads: mapValues((stored as SessionRecord).threads, (list) => list.map(alter)) },
  };
}

/** Every call's error, after the store's own checks. */
export function onErrors(alter: (error: unknown) => unknown): ReturnType<Saboteur['sabotage']> {
  return {
    wrap(store) {
      const altered = <T>(promise: Promise<T>): Promise<T> => promise.catch((error) => Promise.reject(alter(error)));
      return {
        get: (id, read) => altered(store.get(id, read)),
        save: (id, data) => altered(store.save(id, data)),
        commit: (id, change) => altered(store.commit(id, change)),
        delete: (id) => altered(store.delete(id)),
        list: (query) => altered(store.list(query)),
      };
    },
  };
}

function mapDeep(value: unknown, alter: (value: unknown) => unknown): unknown {
  const mapped = alter(value);
  if (Array.isArray(mapped)) return mapped.map((it) => mapDeep(it, alter));
  return isPlain(mapped)
    ? Object.fromEntries(Object.entries(mapped).map(([key, it]) => [key, mapDeep(it, alter)]))
    : mapped;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]';
}

function hasNumber(data: object): boolean {
  const [item] = ((data as { state?: { deep?: { value: unknown }[] } }).state?.deep ?? []) as { value: unknown }[];
  return typeof item?.value === 'number';
}

function depthOf(value: unknown): number {
  let depth = 0;
  for (let it = value; typeof it === 'object' && it !== null; it = Object.values(it)[0]) depth += 1;
  return depth;
}
