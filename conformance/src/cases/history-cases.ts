import { type FullSessionStore, SessError, type SessionChange } from '@sess/core/store';
import { equal, ok } from '../assertions.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { linearizationProblem, type PartEvent } from '../part-history.ts';
import { seededRandom } from '../seeded-random.ts';
import { defineCase } from './define-case.ts';
import { openInstances, pauseFor } from './race-cases.ts';
import { read, user } from './sample.ts';

const ROUNDS = 3;
const CLIENTS = 4;
const OPERATIONS = 15;
const PARTS = ['state', 'main', 'side'] as const;
type PartName = (typeof PARTS)[number];

/** RACE-5: random clients, whose history is checked for each part. */
export const historyCases: readonly ConformanceCase[] = [
  defineCase(
    'RACE-5.1',
    'a random concurrent history is linearizable, part by part',
    ['full'],
    async (context) => {
      const stores = await openInstances(context);
      for (let round = 0; round < ROUNDS; round += 1) await checkRound(stores, `s${round}`, context.seed + round);
    },
    { after: 'examples', timeoutMs: 120_000 },
  ),
];

async function checkRound(stores: readonly FullSessionStore[], id: string, seed: number): Promise<void> {
  const setup = stores[0] as FullSessionStore;
  await setup.commit(id, { changeId: 'c0', life: null });
  const events: Record<PartName, PartEvent[]> = { state: [], main: [], side: [] };
  const written = new Map<string, { base: string | null; text: string }>();
  let clock = 0;
  const tick = () => {
    clock += 1;
    return clock;
  };

  const runClient = async (client: number) => {
    const store = stores[client % stores.length] as FullSessionStore;
    const random = seededRandom(seed * CLIENTS + client);
    const known: Record<PartName, { version: string | null; length: number }> = {
      state: { version: null, length: 0 },
      main: { version: null, length: 0 },
      side: { version: null, length: 0 },
    };
    for (let operation = 0; operation < OPERATIONS; operation += 1) {
      await pauseFor(random);
      const invoked = tick();
      if (random.below(3) === 0) {
        const { versions, lengths } = await read(store, id);
        for (const part of PARTS) {
          const version = part === 'state' ? versions.state : (versions.threads[part] ?? null);
          known[part] = { version, length: lengths[part] ?? 0 };
          events[part].push({ invoked, answered: tick(), version, what: `client ${client} reading` });
        }
        continue;
      }
      const part = random.pick(PARTS);
      const changeId = `${client}.${operation}`;
      const { version: base, length } = known[part];
      const what = `client ${client} writing ${changeId}`;
      try {
        await store.commit(id, changeOf(part, changeId, base, length));
        events[part].push({ invoked, answered: tick(), version: changeId, base, what });
        written.set(changeId, { base, text: changeId });
        known[part] = { version: changeId, length: length + 1 };
      } catch (error) {
        if (!SessError.is(error, 'CONFLICT')) throw error;
        const told = part === 'state' ? error.parts?.state : error.parts?.threads?.[part];
        ok(
          told !== undefined && told.version !== base,
          `a conflict on version ${base} must tell another version of ${part}`,
        );
        events[part].push({
          invoked,
          answered: tick(),
          version: told.version,
          what: `${what}, which conflicted,`,
        });
        known[part] = {
          version: told.version,
          length: part === 'state' ? 0 : (error.parts?.threads?.[part]?.length ?? 0),
        };
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, client) => runClient(client)));

  for (const part of PARTS) {
    const problem = linearizationProblem(null, events[part]);
    ok(
      problem === undefined,
      `the history of ${part} must be linearizable: ${problem}`,
      'reads are stale, or conditions are checked before the write and not with it',
    );
  }
  const final = await read(setup, id);
  for (const part of ['main', 'side'] as const) {
    const expected: string[] = [];
    for (let version = final.versions.threads[part] ?? null; version !== null; ) {
      const change = written.get(version);
      ok(change !== undefined, `version ${version} of ${part} must be of a change that landed`);
      expected.unshift(change.text);
      version = change.base;
    }
    equal(final.threads?.[part] ?? [], expected.map(user), `${part} after the history`, 'an update is lost or doubled');
  }
}

function changeOf(part: PartName, changeId: string, base: string | null, keep: number): SessionChange {
  if (part === 'state') return { changeId, life: 'c0', state: { base, value: changeId } };
  return { changeId, life: 'c0', threads: { [part]: { base, keep, append: [user(changeId)] } } };
}
