import { ConformanceRun, type ConformanceTarget } from '@sess/conformance';
import { type FullSessionStore, SessError } from '@sess/core/store';
import { expect, test } from 'vitest';
import { summaryOf } from '../src/reports/summary.ts';
import { targetOf } from './saboteurs/saboteur.ts';

/** A right store, but for the named operations. */
function targetWithout(...operations: (keyof FullSessionStore)[]): ConformanceTarget {
  const missing = operations.map((operation) => {
    const refuse = () => Promise.reject(new SessError('UNSUPPORTED', `${operation} is still to be written.`));
    return [operation, refuse];
  });
  return targetOf('unfinished', { wrap: () => Object.fromEntries(missing) });
}

async function runOf(target: ConformanceTarget): Promise<ConformanceRun> {
  const run = await ConformanceRun.start(target, { seed: 7 });
  await run.executeAll();
  return run;
}

test('what is missing is told once, and the cases wait for it', async () => {
  const run = await runOf(targetWithout('get', 'commit'));
  expect(run.profile.missing).toEqual([
    { operations: ['get'], message: 'get is still to be written.' },
    { operations: ['commit'], message: 'commit is still to be written.' },
  ]);
  const { cases, clauses, verdict } = run.report();
  expect(verdict).toBe('not conformant');
  expect(cases).toMatchObject({ run: 0, failed: 0 });
  expect(cases.notRun).toContainEqual({ id: 'GET-1.1', reason: 'blocked by what is missing: get, commit' });
  expect(clauses.find(({ id }) => id === 'GET-1')?.status).toBe('untested');
});

test('operations with the same message are one thing', async () => {
  const refuse = () => Promise.reject(new SessError('UNSUPPORTED', 'Writing is still to be written.'));
  const target = targetOf('unfinished', { wrap: () => ({ save: refuse, commit: refuse, delete: refuse }) });
  const { profile } = await ConformanceRun.start(target);
  expect(profile.missing).toEqual([
    { operations: ['save', 'commit', 'delete'], message: 'Writing is still to be written.' },
  ]);
});

test('without a listing only the cases of listings wait', async () => {
  const page = () => {
    throw new SessError('UNSUPPORTED', 'Listing is still to be written.');
  };
  const run = await runOf(targetOf('unfinished', { page }));
  expect(run.profile).toMatchObject({ takesClock: true, missing: [{ operations: ['list'] }] });
  const { cases, verdict } = run.report();
  expect(verdict).toBe('not conformant');
  expect(cases.results.filter(({ status }) => status === 'failed').map(({ id }) => id)).toEqual([]);
  expect(cases.passed).toBeGreaterThan(200);
  expect(cases.notRun).toContainEqual({ id: 'LIST-1.1', reason: 'blocked by what is missing: list' });
});

test('a close that is missing is told too', async () => {
  const { open } = targetWithout('close');
  const target: ConformanceTarget = {
    name: 'unfinished',
    open: async (options) => ({ store: (await open(options)).store }),
  };
  expect((await runOf(target)).profile.missing).toMatchObject([{ operations: ['close'] }]);
});

test('a finished store lacks nothing, and what it does not claim is not missing', async () => {
  for (const supports of [
    {},
    { list: false as const },
    { list: { orders: ['createdAt' as const], scope: 'owner' as const, freshness: 'immediate' as const } },
  ]) {
    const { profile } = await ConformanceRun.start(targetOf('right', { supports }));
    expect(profile.missing).toEqual([]);
  }
});

test('a failure of another kind is for the cases', async () => {
  const wrap = () => ({ delete: () => Promise.reject(new TypeError('boom')) });
  const run = await runOf(targetOf('failing', { wrap }));
  expect(run.profile.missing).toEqual([]);
  expect(run.report().clauses.find(({ id }) => id === 'DELETE-1')?.status).toBe('broken');
});

test('the summary names what is missing, and counts what waits for it', async () => {
  const run = await runOf(targetWithout('get'));
  const text = summaryOf(run.report(), run.profile.missing);
  expect(text).toContain(
    'unfinished claims to do these, and answers UNSUPPORTED:\n  get\n    get is still to be written.',
  );
  expect(text).toMatch(
    /blocked by what is missing: get:\n {4}GET +\d+ cases {2}reading\n {4}SUPPORTS +1 case {2}the manifest/,
  );
  expect(text).toMatch(/unfinished is not conformant\.$/);
});
