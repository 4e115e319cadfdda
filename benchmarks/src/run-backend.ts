import { serverOrReason } from '@sess/test-servers/no-server';
import type { Bench } from './bench.ts';
import type { Backend, Contender } from './contender.ts';
import type { WorkloadName } from './options.ts';
import type { Progress } from './report/progress.ts';
import { formatTable } from './report/table.ts';
import type { BackendResults } from './results.ts';
import { scaleFor } from './scale.ts';
import { type Durability, durabilities } from './server.ts';
import type { CommitRow } from './workloads/commit.ts';
import { workloads } from './workloads/index.ts';
import type { Workload } from './workloads/workload.ts';

export interface Run {
  readonly workloads: readonly WorkloadName[];
  readonly contenders: readonly Contender[];
  readonly quick: boolean;
  readonly progress: Progress;
}

/** Runs the workloads on one backend, each contender in turn, and prints a table of each workload. */
export async function runBackend(backend: Backend, run: Run): Promise<BackendResults> {
  const [usual, ...others] = durabilities[backend];
  const { server, reason } = await serverOrReason(() => usual.start());
  if (server === undefined) return { backend, server: reason ?? 'none', durability: '' };
  const facts = { backend, server: `${server.name} ${server.version}`, durability: `${usual.name}. ${usual.meaning}` };
  run.progress.say(`\n## ${facts.server}, ${usual.name}`);
  const results: Record<string, readonly unknown[]> = {};
  const commits: CommitRow[] = [];
  try {
    const bench = benchOn(server.url, backend, usual, run);
    for (const name of run.workloads.filter((it) => it !== 'commit')) {
      results[name] = await runWorkload(workloads[name] as Workload<unknown>, bench, run);
    }
    if (run.workloads.includes('commit')) commits.push(...(await workloads.commit.run(bench)));
  } finally {
    await server.stop();
  }
  if (run.workloads.includes('commit')) {
    for (const durability of others) commits.push(...(await commitsOn(backend, durability, run)));
    results.commit = commits;
    run.progress.say(`\n${workloads.commit.title}\n${formatTable(workloads.commit.table(commits, { backend }))}`);
  }
  return { ...facts, ...results };
}

async function commitsOn(backend: Backend, durability: Durability, run: Run): Promise<CommitRow[]> {
  const server = await durability.start();
  try {
    return await workloads.commit.run(benchOn(server.url, backend, durability, run));
  } finally {
    await server.stop();
  }
}

async function runWorkload<Row>(workload: Workload<Row>, bench: Bench, { progress }: Run): Promise<readonly Row[]> {
  const start = performance.now();
  const rows = await workload.run(bench);
  const seconds = Math.round((performance.now() - start) / 1_000);
  progress.say(`\n${workload.title} (${seconds} s)\n${formatTable(workload.table(rows, bench))}`);
  return rows;
}

function benchOn(url: string, backend: Backend, durability: Durability, run: Run): Bench {
  return {
    backend,
    url,
    durability,
    contenders: run.contenders.filter((contender) => contender.backend === backend),
    scaleOf: (contender) => scaleFor(contender, run.quick),
    progress: (text) => run.progress.show(`${backend}, ${text}`),
  };
}
