import { applyWrite, isLive, SessError } from '@sess/core/store';
import { alterChange, alterStored, changeOf, mapValues, type Saboteur } from './saboteur.ts';

/** Whatever is wrong with retries and open turns. */
export const turnSaboteurs: readonly Saboteur[] = [
  {
    name: 'forgetful',
    defect: 'ids of changes are not remembered',
    fails: ['RETRY-1', 'RETRY-2', 'RETRY-3', 'RETRY-5'],
    sabotage: () => alterStored((next) => ({ ...next, recent: [] })),
  },
  {
    name: 'remembers eight',
    defect: 'only the last eight ids are remembered',
    fails: ['RETRY-2'],
    sabotage: () => alterStored((next) => ({ ...next, recent: next.recent.slice(-8) })),
  },
  {
    name: 'condition first',
    defect: 'a creation is refused before its id is looked up',
    fails: ['CLOSE-3', 'RETRY-3'],
    sabotage: () => ({
      write(stored, write, context) {
        const change = changeOf(write);
        if (
          stored !== undefined &&
          !('deletedUntil' in stored) &&
          change?.life === null &&
          stored.changes < 3 &&
          isLive(stored, context.now)
        ) {
          const existed = applyWrite(
            stored,
            { kind: 'commit', change: { ...change, changeId: 'another-id' } },
            context,
          );
          return existed;
        }
        return applyWrite(stored, write, context);
      },
    }),
  },
  {
    name: 'creation forgotten',
    defect: 'the creation is recognised among the last 16 ids only',
    fails: ['RETRY-4'],
    sabotage: () => ({
      write(stored, write, context) {
        const change = changeOf(write);
        const isForgotten =
          stored !== undefined &&
          !('deletedUntil' in stored) &&
          stored.life === change?.changeId &&
          !stored.recent.includes(stored.life);
        if (isForgotten) throw new SessError('ALREADY_EXISTS', `Session ${context.sessionId} exists already.`);
        return applyWrite(stored, write, context);
      },
    }),
  },
  {
    name: 'empty changes forgotten',
    defect: 'ids of changes that touch no part are not remembered',
    fails: ['RETRY-5'],
    sabotage: () =>
      alterStored((next, old, write) => {
        const change = changeOf(write);
        const touches =
          change === undefined || change.state || change.metadata || Object.keys(change.threads ?? {}).length > 0;
        return touches || old === undefined ? next : { ...next, recent: old.recent };
      }),
  },
  {
    name: 'always unknown',
    defect: 'every conflict of a retry is of unknown outcome',
    fails: ['RETRY-6'],
    sabotage: () => outcome((_, retry) => (retry ? 'unknown' : undefined)),
  },
  {
    name: 'never unknown',
    defect: 'no conflict of a retry is of unknown outcome',
    fails: ['RETRY-7'],
    sabotage: () => outcome(() => undefined),
  },
  {
    name: 'first turn stays',
    defect: 'an open turn is not replaced',
    fails: ['HOLD-1', 'HOLD-4'],
    sabotage: () =>
      alterStored((next, old) =>
        next.openTurns && old?.openTurns
          ? {
              ...next,
              openTurns: {
                ...next.openTurns,
                ...mapValues(onlyKeys(old.openTurns, next.openTurns), (turn, thread) => ({
                  ...turn,
                  beat: next.openTurns?.[thread]?.id === turn.id ? (next.openTurns[thread]?.beat ?? 0) : turn.beat,
                })),
              },
            }
          : next,
      ),
  },
  {
    name: 'turns close by themselves',
    defect: 'a change of a thread closes its turn',
    fails: ['HOLD-2', 'HOLD-4'],
    sabotage: () =>
      alterChange((change, old) => ({
        ...change,
        ...(change.threads &&
          old?.life === change.life && { threads: mapValues(change.threads, (it) => ({ turn: null, ...it })) }),
      })),
  },
  {
    name: 'empty map of turns',
    defect: '`openTurns` is an empty object where no turn is open',
    fails: ['DELETE-4', 'EXPIRY-3', 'GET-4', 'HOLD-2', 'SAVE-7'],
    sabotage: () => alterStored((next) => ({ ...next, openTurns: next.openTurns ?? {} })),
  },
  {
    name: 'holds are not checked',
    defect: 'a hold of a turn that is not open passes',
    fails: ['COMMIT-11', 'HOLD-3'],
    sabotage: () =>
      alterChange((change, old) => ({
        ...change,
        ...(change.holds && {
          holds: Object.fromEntries(
            Object.entries(change.holds).filter(([thread, id]) => old?.openTurns?.[thread]?.id === id),
          ),
        }),
      })),
  },
  {
    name: 'every heart beats',
    defect: 'a hold raises the beat of all open turns',
    fails: ['HOLD-4'],
    sabotage: () =>
      alterStored((next, old, write) =>
        Object.keys(changeOf(write)?.holds ?? {}).length > 1 && next.openTurns
          ? {
              ...next,
              openTurns: mapValues(next.openTurns, (turn, thread) => ({
                ...turn,
                beat: (old?.openTurns?.[thread]?.beat ?? turn.beat) + 1,
              })),
            }
          : next,
      ),
  },
  {
    name: 'holding updates',
    defect: 'a change that only holds moves `updatedAt`',
    fails: ['COMMIT-14', 'HOLD-5'],
    sabotage: () =>
      alterStored((next, old, write) =>
        old !== undefined && changeOf(write)?.holds && !changeOf(write)?.threads && !changeOf(write)?.state
          ? { ...next, updatedAt: Math.max(next.updatedAt, old.updatedAt) + 1 }
          : next,
      ),
  },
];

function onlyKeys<T>(record: Readonly<Record<string, T>>, keys: object): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => Object.hasOwn(keys, key)));
}

function outcome(
  alter: (outcome: 'unknown' | undefined, retry: boolean) => 'unknown' | undefined,
): ReturnType<Saboteur['sabotage']> {
  return {
    write(stored, write, context) {
      try {
        return applyWrite(stored, write, context);
      } catch (error) {
        if (!SessError.is(error, 'CONFLICT')) throw error;
        const altered = alter(error.outcome, changeOf(write)?.retry === true);
        const copy = new SessError('CONFLICT', error.message, {
          ...(error.parts && { parts: error.parts }),
          ...(altered && { outcome: altered }),
        });
        throw copy;
      }
    },
  };
}
