// `npm run bench`: runs what was asked for, prints it, and keeps the results of a whole run.
import { join } from 'node:path';
import { installedPeers } from './all-contenders.ts';
import { checkBudgets } from './budgets.ts';
import type { Contender } from './contender.ts';
import { ownContenders } from './contenders/index.ts';
import { BACKENDS, type Options, readOptions, USAGE, WORKLOADS } from './options.ts';
import { budgetTable } from './report/budget-table.ts';
import { factsOf } from './report/contender-facts.ts';
import { describeMachine } from './report/machine.ts';
import { Progress } from './report/progress.ts';
import { formatTable } from './report/table.ts';
import { writeResults } from './report/write-results.ts';
import type { BackendResults } from './results.ts';
import { runBackend } from './run-backend.ts';

let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}

const start = performance.now();
const progress = new Progress();
const whole =
  options.backends.length === BACKENDS.length && options.workloads.length === WORKLOADS.length && !options.quick;
const peers = options.quick ? [] : await installedPeers();
const contenders = [...ownContenders, ...peers.filter((peer): peer is Contender => !('reason' in peer))];
const backends: BackendResults[] = [];
for (const backend of options.backends) {
  const { workloads, quick } = options;
  backends.push(await runBackend(backend, { workloads, contenders, quick, progress }));
}

const budgets = checkBudgets(backends);
progress.say(`\nBudgets\n${formatTable(budgetTable(budgets))}`);
progress.say(`\n${Math.round((performance.now() - start) / 1_000)} s`);
if (whole && !options.check) {
  const facts = [...ownContenders, ...peers].map(factsOf);
  const folder = join(import.meta.dirname, '..');
  writeResults({ machine: describeMachine(), contenders: facts, backends, budgets }, folder);
  progress.say('Written to benchmarks/RESULTS.md.');
}
if (options.check) {
  const counted = budgets.filter(({ isCount }) => isCount);
  const broken = counted.filter(({ holds }) => !holds);
  if (counted.length === 0) console.error('Nothing was compared with a budget.');
  if (broken.length > 0)
    console.error(`Broken: ${broken.map(({ title, backend }) => `${backend}, ${title}`).join('; ')}`);
  process.exitCode = counted.length === 0 || broken.length > 0 ? 1 : 0;
}
