import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKLOADS } from '../options.ts';
import type { BackendResults, ContenderFacts, Results } from '../results.ts';
import { workloads } from '../workloads/index.ts';
import type { Workload } from '../workloads/workload.ts';
import { budgetTable } from './budget-table.ts';
import { drawLines } from './line-chart.ts';
import { formatTable } from './table.ts';

const TITLES = { file: 'Files', redis: 'Redis', mongodb: 'MongoDB', dynamodb: 'DynamoDB' } as const;

/** Writes results.json, RESULTS.md and its charts into a folder. */
export function writeResults(results: Results, folder: string): void {
  mkdirSync(join(folder, 'charts'), { recursive: true });
  writeFileSync(join(folder, 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  for (const { backend, grow } of results.backends) {
    if (grow === undefined) continue;
    const chart = (title: string, unit: string, value: (at: Measured) => number | undefined) =>
      drawLines({
        title,
        unit,
        lines: grow.map(({ contender, milestones = [] }) => ({
          name: contender,
          isOurs: contender === 'sess',
          points: milestones.map((at) => [at.turn, value(at) ?? 0] as const),
        })),
      });
    const write = (name: string, svg: string) => writeFileSync(join(folder, 'charts', `${backend}-${name}.svg`), svg);
    write(
      'bytes',
      chart(`${TITLES[backend]}: sent for a turn`, 'bytes', (at) => at.sent),
    );
    write(
      'latency',
      chart(`${TITLES[backend]}: latency of a turn`, 'median in ms', (at) => at.p50Ms),
    );
  }
  writeFileSync(join(folder, 'RESULTS.md'), `${describe(results)}\n`);
}

type Measured = NonNullable<NonNullable<BackendResults['grow']>[number]['milestones']>[number];

function describe({ machine, contenders, backends, budgets }: Results): string {
  return [
    '# Results',
    'Written by `npm run bench`; [README.md](README.md) says what is measured and how to read it.',
    `Measured on ${machine.cores} cores of ${machine.cpu}, ${machine.memoryGb} GB of memory, ${machine.system}, Node ${machine.node}. Clients and servers share the machine. A dash: not measured.`,
    '## Budgets',
    'What must hold of sess. Counts are the same in each run, and `npm run bench -- --quick --check` fails where one is broken; what is timed is shown.',
    formatTable(budgetTable(budgets)),
    ...backends.flatMap((results) => describeBackend(results, contenders)),
  ].join('\n\n');
}

function describeBackend(results: BackendResults, contenders: readonly ContenderFacts[]): string[] {
  const { backend, server, durability } = results;
  const title = TITLES[backend];
  return [
    `## ${title}`,
    durability === '' ? `Not measured. ${server}` : `Server: ${server}. Durability, the same for all: ${durability}`,
    contenders
      .filter((contender) => contender.backend === backend)
      .map(describeContender)
      .join('\n'),
    ...(results.grow ? [`![Bytes](charts/${backend}-bytes.svg)`, `![Latency](charts/${backend}-latency.svg)`] : []),
    ...WORKLOADS.flatMap((name) => {
      const rows = results[name];
      const workload = workloads[name] as Workload<unknown>;
      return rows
        ? [`### ${workload.title}`, workload.description, formatTable(workload.table(rows, { backend }))]
        : [];
    }),
  ];
}

function describeContender({ name, packages, how, notes = [], reason }: ContenderFacts): string {
  const versions = packages.length === 0 ? '' : ` (${packages.join(', ')})`;
  const text = reason === undefined ? [how, ...notes].join(' ') : `Not measured: ${reason}`;
  return `- **${name}**${versions}: ${text}`;
}
