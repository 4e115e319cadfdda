// `npm run bench`: runs what was asked for, prints it, and keeps the results of a whole run.
import { installedPeers } from './all-contenders.ts';
import { checkBudgets } from './budgets.ts';
import type { Contender } from './contender.ts';
import { ownContenders } from './contenders/index.ts';
import { type Options, readOptions, USAGE, WORKLOADS } from './options.ts';
import { budgetTable } from './report/budget-table.ts';
import { Progress } from './report/progress.ts';
import { formatTable } from './report/table.ts';
import type { BackendResults } from './results.ts';
import { runBackend } from './run-backend.ts';
import { QUICK, WHOLE } from './scale.ts';

let options: Options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}

const start = performance.now();
const progress = new Progress();
const peers = options.quick ? [] : await installedPeers();
const contenders = [...ownContenders, ...peers.filter((peer): peer is Contender => !('reason' in peer))];
const backends: BackendResults[] = [];
for (const backend of options.backends) {
  const scale = options.quick ? QUICK : WHOLE;
  backends.push(await runBackend(backend, { workloads: options.workloads, contenders, scale, progress }));
}

const budgets = checkBudgets(backends);
progress.say(`\nBudgets\n${formatTable(budgetTable(budgets))}`);
progress.say(`\n${Math.round((performance.now() - start) / 1_000)} s`);
const broken = budgets.filter(({ holds, isCount }) => isCount && !holds);
if (options.check && broken.length > 0) {
  console.error(`${broken.length} budgets are broken.`);
  process.exitCode = 1;
}
