import { applyWrite, isLive, type LiveSession, pageSessions, SessError, type SessionInfo } from '@sess/core/store';
import { alterStored, changeOf, type Saboteur, without } from './saboteur.ts';

/** Whatever is wrong with expiry and deletion. */
export const lifeSaboteurs: readonly Saboteur[] = [
  {
    name: 'reads the dead',
    defect: 'expiry is not checked on read',
    fails: ['EXPIRY-1', 'EXPIRY-3', 'EXPIRY-6', 'EXPIRY-10'],
    sabotage: () => ({ hasExpired: () => false }),
  },
  {
    name: 'dies early',
    defect: 'a session is not read in the last second of its life',
    fails: ['EXPIRY-2'],
    sabotage: () => ({
      hasExpired: (session, now) => session.expiresAt !== undefined && session.expiresAt - 1000 <= now,
    }),
  },
  {
    name: 'commits to the dead',
    defect: 'expiry is not checked by `commit`',
    fails: ['EXPIRY-3'],
    sabotage: () => ({
      write(stored, write, context) {
        const { expiresAt } = (stored ?? {}) as LiveSession;
        const isDead = expiresAt !== undefined && expiresAt <= context.now && typeof changeOf(write)?.life === 'string';
        return applyWrite(stored, write, isDead ? { ...context, now: expiresAt - 1 } : context);
      },
    }),
  },
  {
    name: 'saves to the dead',
    defect: '`save` goes on with a session that has expired',
    fails: ['EXPIRY-4'],
    sabotage: () => ({
      write(stored, write, context) {
        if (write.kind !== 'save' || stored === undefined || 'deletedUntil' in stored)
          return applyWrite(stored, write, context);
        return applyWrite(without(stored, 'expiresAt'), write, context);
      },
    }),
  },
  {
    name: 'deletes the dead',
    defect: '`delete` of an expired session resolves true',
    fails: ['EXPIRY-5'],
    sabotage: () => ({
      write(stored, write, context) {
        const written = applyWrite(stored, write, context);
        return write.kind === 'delete' && stored && !('deletedUntil' in stored)
          ? { ...written, result: { existed: true } }
          : written;
      },
    }),
  },
  {
    name: 'expiry stands',
    defect: 'an empty change does not move the expiry',
    fails: ['EXPIRY-6'],
    sabotage: () => ({
      write(stored, write, context) {
        const written = applyWrite(stored, write, context);
        const change = changeOf(write);
        const old = stored as LiveSession | undefined;
        if (
          !change ||
          change.state ||
          change.metadata ||
          change.threads ||
          change.holds ||
          !written.result.existed ||
          old?.expiresAt === undefined ||
          !context.ttl
        )
          return written;
        return {
          stored: { ...(written.stored as LiveSession), expiresAt: old.expiresAt },
          result: { existed: true, expiresAt: old.expiresAt },
        };
      },
    }),
  },
  {
    name: 'expiry rounded down',
    defect: '`expiresAt` is rounded down',
    fails: ['EXPIRY-7'],
    sabotage: () => ({ ttl: (ttl) => (ttl !== undefined && ttl > 1 ? Math.floor(ttl) : checkedTtl(ttl)) }),
  },
  {
    name: 'expires by default',
    defect: 'without a ttl sessions expire at some time',
    fails: ['COMMIT-16', 'EXPIRY-8', 'EXPIRY-11', 'GET-4', 'RETRY-2', 'RETRY-3', 'RETRY-4', 'SAVE-3'],
    sabotage: () => ({
      write(stored, write, context) {
        const written = applyWrite(stored, write, context);
        const live = written.stored;
        if (context.ttl !== undefined || live === undefined || 'deletedUntil' in live) return written;
        const expiresAt = 4_102_444_800_000; // the year 2100: the same at each write
        return { stored: { ...live, expiresAt }, result: { ...written.result, expiresAt } };
      },
    }),
  },
  {
    name: 'any ttl',
    defect: 'a ttl that is no positive number is taken for none',
    fails: ['EXPIRY-9'],
    sabotage: () => ({ ttl: (ttl) => (ttl !== undefined && ttl > 0 && Number.isFinite(ttl) ? ttl : undefined) }),
  },
  {
    name: 'expiry by part',
    defect: 'a thread expires by itself, a ttl after it was written',
    fails: ['EXPIRY-10'],
    sabotage() {
      const written = new Map<string, { at: number; ttl: number | undefined }>();
      let now = 0;
      return {
        hasExpired(session, at) {
          now = at;
          return !isLive(session, at);
        },
        ...alterStored((next, _, write, context) => {
          now = context.now;
          for (const thread of Object.keys(changeOf(write)?.threads ?? {}))
            written.set(`${next.life} ${thread}`, { at: context.now, ttl: context.ttl });
          return next;
        }),
        wrap: (store) => ({
          async get(id, read) {
            const found = await store.get(id, read);
            if (found?.threads === undefined) return found;
            const threads = Object.fromEntries(
              Object.entries(found.threads).filter(([thread]) => {
                const { at, ttl } = written.get(`${found.life} ${thread}`) ?? { at: now, ttl: undefined };
                return ttl === undefined || at + ttl > now;
              }),
            );
            return { ...found, threads };
          },
        }),
      };
    },
  },
  {
    name: 'expiry never ends',
    defect: 'a write without ttl leaves an old `expiresAt`',
    fails: ['EXPIRY-11'],
    sabotage: () =>
      alterStored((next, old) =>
        old?.expiresAt !== undefined && next.expiresAt === undefined ? { ...next, expiresAt: old.expiresAt } : next,
      ),
  },
  {
    name: 'delete empties',
    defect: '`delete` leaves an empty session',
    fails: ['DELETE-1'],
    sabotage: () => ({
      write(stored, write, context) {
        const written = applyWrite(stored, write, context);
        const old = stored as LiveSession | undefined;
        const isPlain =
          write.kind === 'delete' &&
          written.result.existed &&
          old?.changes === 1 &&
          old.owner === undefined &&
          old.openTurns === undefined &&
          old.lengths.main === 3;
        return isPlain ? { ...written, stored: { ...old, threads: {}, lengths: {} } as LiveSession } : written;
      },
    }),
  },
  {
    name: 'always deleted',
    defect: '`delete` resolves true where there was nothing',
    fails: ['DELETE-2', 'EXPIRY-5'],
    sabotage: () => ({ wrap: (store) => ({ delete: async (id) => (await store.delete(id)) || true }) }),
  },
  {
    name: 'resurrection',
    defect: 'a change of a deleted session brings it back',
    fails: ['DELETE-3'],
    sabotage: () => ({
      write(stored, write, context) {
        const change = changeOf(write);
        const isBack =
          change !== undefined && stored !== undefined && 'deletedUntil' in stored && stored.life === change.life;
        if (!isBack) return applyWrite(stored, write, context);
        const reset = { ...without(change, 'holds', 'retry', 'seen'), life: null, threads: {} };
        return applyWrite(undefined, { kind: 'commit', change: reset }, context);
      },
    }),
  },
  {
    name: 'heirlooms',
    defect: 'a new life starts with the metadata of the old one',
    fails: ['DELETE-4'],
    sabotage() {
      const left = new Map<string, LiveSession['metadata']>();
      return {
        write(stored, write, context) {
          if (write.kind === 'delete') left.set(context.sessionId, (stored as LiveSession | undefined)?.metadata);
          const written = applyWrite(stored, write, context);
          const metadata = left.get(context.sessionId);
          if (written.result.existed || write.kind === 'delete' || metadata === undefined) return written;
          return { ...written, stored: { ...(written.stored as LiveSession), metadata } };
        },
      };
    },
  },
  {
    name: 'no tombstone',
    defect: '`delete` leaves nothing that a late retry of the creation is refused by',
    fails: ['DELETE-5'],
    sabotage: () => ({
      write(stored, write, context) {
        const written = applyWrite(stored, write, context);
        return write.kind === 'delete' ? { result: written.result, stored: undefined } : written;
      },
    }),
  },
];

function checkedTtl(ttl: number | undefined): number | undefined {
  if (ttl !== undefined && !(ttl > 0)) throw new SessError('INVALID_ARGUMENT', 'ttl must be above 0.');
  return ttl;
}

/** Whatever is wrong with `list`. */
export const listSaboteurs: readonly Saboteur[] = [
  {
    name: 'chatty list',
    defect: 'a listing tells what the contract does not name',
    fails: ['LIST-1'],
    sabotage: () => ({
      page: (_, living, query) =>
        pageSessions(
          living.map((info) => ({ ...info, threads: {} }) as SessionInfo),
          query,
        ),
    }),
  },
  {
    name: 'oldest first',
    defect: 'a listing starts with the oldest',
    fails: ['LIST-2'],
    sabotage: () => ({
      page(_, living, query) {
        const turned = living.map((info) => ({ ...info, [query.orderBy]: 1e15 - info[query.orderBy] }));
        const page = pageSessions(turned, query);
        return {
          ...page,
          sessions: page.sessions.map((info) => ({ ...info, [query.orderBy]: 1e15 - info[query.orderBy] })),
        };
      },
    }),
  },
  {
    name: 'skipping cursor',
    defect: 'a page leaves out the session that follows the last one before',
    fails: ['LIST-3'],
    sabotage: () => ({
      page(_, living, query) {
        const { sessions, cursor } = pageSessions(living, query);
        const isSkipping = query.cursor !== undefined && query.limit < 10 && sessions.length > 1;
        return { sessions: isSkipping ? sessions.slice(1) : sessions, ...(cursor !== undefined && { cursor }) };
      },
    }),
  },
  {
    name: 'cut short',
    defect: 'a listing ends after the first page, without a cursor',
    fails: ['LIST-3', 'LIST-4'],
    sabotage: () => ({ page: (_, living, query) => ({ sessions: pageSessions(living, query).sessions }) }),
  },
  {
    name: 'pages of fifty',
    defect: 'the default limit is 50',
    fails: ['LIST-4'],
    sabotage: () => ({ wrap: (store) => ({ list: (query) => store.list({ limit: 50, ...query }) }) }),
  },
  {
    name: 'owners by prefix',
    defect: 'a query for an owner finds owners that begin like it',
    fails: ['LIST-5'],
    sabotage: () => ({
      page: (_, living, query) =>
        pageSessions(
          living.filter((info) => query.owner === undefined || info.owner?.startsWith(query.owner)),
          without(query, 'owner'),
        ),
    }),
  },
  {
    name: 'lenient queries',
    defect: 'a malformed query is answered',
    fails: ['LIST-6'],
    sabotage: () => ({
      wrap: (store) => ({
        list: (query) =>
          store.list(
            query && Number.isSafeInteger(query.limit ?? 1) && (query.limit ?? 1) > 0
              ? query
              : without(query ?? {}, 'limit'),
          ),
      }),
    }),
  },
  {
    name: 'lists more than claimed',
    defect: 'an order that is not claimed is answered',
    fails: ['LIST-7'],
    sabotage: () => ({
      supports: { list: { orders: ['updatedAt'], scope: 'all', freshness: 'immediate' } },
      wrap: (store) => ({
        list: (query) => store.list(query?.orderBy === 'createdAt' ? without(query, 'orderBy') : query),
      }),
    }),
  },
  {
    name: 'lists the deleted',
    defect: 'deleted sessions stay in the listing',
    fails: ['LIST-8'],
    sabotage() {
      const deleted: SessionInfo[] = [];
      return {
        write(stored, write, context) {
          const written = applyWrite(stored, write, context);
          const live = stored as LiveSession | undefined;
          if (
            write.kind === 'delete' &&
            written.result.existed &&
            live?.owner !== undefined &&
            live.id.startsWith('s0')
          )
            deleted.push({
              id: live.id,
              owner: live.owner,
              lengths: live.lengths,
              createdAt: live.createdAt,
              updatedAt: live.updatedAt,
            });
          return written;
        },
        page: (_, living, query) => pageSessions([...living, ...deleted], query),
      };
    },
  },
  {
    name: 'lists the dead',
    defect: 'expired sessions stay in the listing',
    fails: ['LIST-9'],
    sabotage: () => ({
      page: (all, _, query) =>
        pageSessions(
          all
            .filter((it): it is LiveSession => !('deletedUntil' in it))
            .map(({ id, owner, metadata, lengths, createdAt, updatedAt, expiresAt }) =>
              JSON.parse(JSON.stringify({ id, owner, metadata, lengths, createdAt, updatedAt, expiresAt })),
            ),
          query,
        ),
    }),
  },
];
