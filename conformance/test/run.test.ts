import { ConformanceRun, type ConformanceTarget, cases, clauses, runConformance } from '@sess/conformance';
import { describe, expect, test } from 'vitest';
import { saboteurs } from './saboteurs/index.ts';
import { targetOf } from './saboteurs/saboteur.ts';

const seed = 7;

describe('clauses and cases', () => {
  test('each clause has a number of its own and says MUST or SHOULD', () => {
    expect(clauses.length).toBeGreaterThan(100);
    expect(new Set(clauses.map(({ id }) => id)).size).toBe(clauses.length);
    for (const { id, text } of clauses) expect(text, id).toMatch(/\b(MUST|SHOULD)\b/);
  });

  test('each case has an id of its own, of a clause that exists', () => {
    expect(new Set(cases.map(({ id }) => id)).size).toBe(cases.length);
    const known = new Set(clauses.map(({ id }) => id));
    for (const { id, clause } of cases) {
      expect(known.has(clause), id).toBe(true);
      expect(id).toMatch(new RegExp(`^${clause}\\.\\d+$`));
    }
  });
});

describe('a run', () => {
  test('a failed root blocks what builds on it', async () => {
    const report = await runConformance(sabotaged('newest first'), { seed });
    expect(report.verdict).toBe('not conformant');
    expect(report.cases.failed).toBe(1);
    expect(report.cases.notRun).toContainEqual({ id: 'SAVE-1.1', reason: 'blocked by GET-2.1' });
    expect(report.clauses.find(({ id }) => id === 'SAVE-1')?.status).toBe('untested');
  });

  test('a failed example blocks the searches', async () => {
    const report = await runConformance(sabotaged('merged state'), { seed });
    expect(report.cases.notRun).toContainEqual({ id: 'RACE-1.1', reason: 'blocked by COMMIT-5.1' });
  });

  test('a filter leaves the verdict incomplete', async () => {
    const report = await runConformance(targetOf('right', {}), { seed, filter: 'GET-5' });
    expect(report.cases.results.filter(({ status }) => status === 'passed').map(({ id }) => id)).toEqual([
      'GET-1.1',
      'GET-2.1',
      'GET-2.2',
      'GET-5.1',
      'GET-5.2',
    ]);
    expect(report.verdict).toBe('incomplete');
  });

  test('a filter that fits nothing is an error', async () => {
    await expect(runConformance(targetOf('right', {}), { seed, filter: 'no such case' })).rejects.toThrow(
      'No case ran',
    );
  });

  test('what the target neither offers nor explains leaves the verdict incomplete', async () => {
    const { open } = targetOf('right', {});
    const target: ConformanceTarget = {
      name: 'without hooks',
      open: async (options) => ({ store: (await open(options)).store }),
    };
    const { cases: summary, verdict } = await runConformance(target, { seed });
    expect(verdict).toBe('incomplete');
    expect(summary.notRun).toContainEqual({ id: 'ERROR-3.1', reason: 'the target offers no disconnect' });
    const explained = await runConformance({ ...target, without: { disconnect: 'it has none' } }, { seed });
    expect(explained.cases.notRun).toContainEqual({ id: 'ERROR-3.1', reason: 'no disconnect: it has none' });
  });

  test('a target that cannot be opened cannot be run', async () => {
    const target: ConformanceTarget = {
      name: 'closed',
      open: async () => {
        throw new Error('nobody answers');
      },
    };
    await expect(runConformance(target)).rejects.toThrow('nobody answers');
  });

  test('random cases repeat themselves with their seed', async () => {
    const failureOf = async () => {
      const report = await runConformance(sabotaged('rarely forgetful'), { seed });
      return report.cases.results.find(({ id }) => id === 'COMMIT-20.1')?.failure?.what;
    };
    const first = await failureOf();
    expect(first).toContain('the smallest sequence that shows it');
    expect(await failureOf()).toBe(first);
  });
});

describe('waivers', () => {
  test('a waived failure does not fail the run', async () => {
    const target = { ...sabotaged('refusal without a path'), waivers: { 'JSON-6.1': 'issue 12' } };
    const report = await runConformance(target, { seed });
    expect(report.cases).toMatchObject({ failed: 0, waived: 1 });
    expect(report.cases.results.find(({ id }) => id === 'JSON-6.1')).toMatchObject({
      status: 'waived',
      reason: 'issue 12',
    });
  });

  test('a waiver of a case that passes fails', async () => {
    const report = await runConformance({ ...targetOf('right', {}), waivers: { 'GET-5.1': 'issue 12' } }, { seed });
    expect(report.cases.results.find(({ id }) => id === 'GET-5.1')).toMatchObject({
      status: 'failed',
      failure: { what: expect.stringContaining('remove the waiver') },
    });
  });

  test('a waiver needs a reason and a case', async () => {
    const right = targetOf('right', {});
    await expect(runConformance({ ...right, waivers: { 'GET-5.1': ' ' } })).rejects.toThrow('without a reason');
    await expect(runConformance({ ...right, waivers: { 'GET-99.1': 'why' } })).rejects.toThrow('no such case');
  });
});

describe('failures teach', () => {
  test.each([
    ['case-folded ids', 'ids look lowercased'],
    ['normalized ids', 'normalized'],
    ['non-ASCII lost', 'characters beyond ASCII are lost'],
    ['empty lists become objects', 'an empty array became an object'],
    ['alias out', 'answer a copy'],
    ['lost updates', 'conditions are checked before the write, not with it'],
    ['prototype keys lost', '__proto__'],
  ])('%s: %s', async (name, cause) => {
    expect(await messagesOf(name)).toContain(cause);
  });

  test('a message names the clause, what differs, what was done and the seed', async () => {
    const message = await messagesOf('merged state');
    expect(message).toContain('COMMIT-5.1 the state is replaced: the state after it was replaced');
    expect(message).toContain('clause COMMIT-5: A change of the state MUST replace it');
    expect(message).toContain('a: expected nothing, got 1');
    expect(message).toContain(
      '1. store.commit("a", {changeId: "c1", life: null, state: {base: null, value: {a: 1, b: 2}}})',
    );
    expect(message).toContain('--filter COMMIT-5.1 --seed 7');
  });

  test('a message stays bounded', async () => {
    expect((await messagesOf('cut at 5,000')).length).toBeLessThan(20_000);
  });
});

function sabotaged(wanted: string): ConformanceTarget {
  const found = saboteurs.find(({ name }) => name === wanted);
  if (found === undefined) throw new Error(`There is no saboteur ${wanted}.`);
  return targetOf(found.name, found.sabotage(), found.opened);
}

async function messagesOf(name: string): Promise<string> {
  const run = await ConformanceRun.start(sabotaged(name), { seed });
  await run.executeAll();
  return run.results.map((result) => run.messageOf(result)).join('\n');
}
